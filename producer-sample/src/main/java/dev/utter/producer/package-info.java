/**
 * What a team copies to use Utter from its own service: publish a request, follow its results by
 * request id, download the clip. Depends on the event schemas only.
 */
package dev.utter.producer;
