package dev.utter.producer.client;

import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/** Traces the publication of requests, so that a worker's spans continue the caller's trace. */
public interface RequestTracing {
  /** Makes no spans; the headers stay as they are. */
  RequestTracing OFF = (topic, requestId, headers) -> failure -> {};

  /**
   * Begins to publish a record.
   *
   * @param headers get the trace context of the publication; one that they have is its parent
   */
  Sending begin(String topic, String requestId, Headers headers);

  /** A record that is being published. */
  interface Sending {
    /**
     * The publication has ended.
     *
     * @param failure empty if the brokers have acknowledged the record
     */
    void ended(Optional<Throwable> failure);
  }
}
