/**
 * The sample producer. {@link dev.utter.producer.client} is what a team copies to use Utter from
 * its own service; it depends on the event schemas only.
 */
package dev.utter.producer;
