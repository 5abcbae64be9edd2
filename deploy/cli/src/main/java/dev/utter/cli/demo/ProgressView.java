package dev.utter.cli.demo;

import dev.utter.producer.RequestProgress;

/** Shows people how the requests are doing. Called from several threads. */
interface ProgressView extends AutoCloseable {
  /** A step of the set-up. */
  void step(String message);

  /** A request was published. */
  void published(String requestId);

  /** Something new is known of a request. */
  void changed(RequestProgress progress);

  /** Leaves the last state standing. */
  @Override
  void close();
}
