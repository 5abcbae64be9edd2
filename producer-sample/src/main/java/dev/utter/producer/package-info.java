/**
 * The sample producer: a command and a page around {@link dev.utter.producer.client}, the artifact
 * that a team depends on to use Utter from its own service.
 */
package dev.utter.producer;
