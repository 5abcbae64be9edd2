/**
 * The client for services that publish requests: {@link dev.utter.producer.client.SynthesisClient}
 * publishes and cancels, {@link dev.utter.producer.client.ResultFollower} follows requests by id,
 * and {@link dev.utter.producer.client.AudioStore} uploads context recordings and downloads clips.
 */
package dev.utter.producer.client;
