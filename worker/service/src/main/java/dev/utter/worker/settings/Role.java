package dev.utter.worker.settings;

/** What a worker process does. One process may do all. */
public enum Role {
  /** Checks requests and sends them to their lanes. */
  ADMISSION,
  /** Generates speech; needs the model. */
  SYNTHESIS,
  /** Reads stored clips back and looks for the watermark. */
  VERIFICATION,
  /** Keeps a row per request id. */
  STATUS
}
