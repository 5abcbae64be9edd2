/** The part to copy: publish a request, follow its results by request id, download the clip. */
package dev.utter.producer.client;
