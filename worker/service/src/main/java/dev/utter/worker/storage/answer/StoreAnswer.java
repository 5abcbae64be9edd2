package dev.utter.worker.storage.answer;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * An answer of the store other than success.
 *
 * @param method method of the request: GET, HEAD, PUT, POST
 * @param status HTTP status, 300 or more
 * @param code S3 error code; empty if the answer has none
 * @param message the store's message, quoted and cut; empty if the answer has none
 * @param storeTime the store's clock, from the Date header
 * @param receivedAt this machine's clock when the answer arrived
 */
public record StoreAnswer(
    String method,
    int status,
    String code,
    String message,
    Optional<Instant> storeTime,
    Instant receivedAt) {

  /** Whether the request writes; POST begins and ends an upload in parts. */
  public boolean toPut() {
    return method.equals("PUT") || method.equals("POST");
  }

  /** Status, code and message, and both clocks if their difference is the fault. */
  public String describe() {
    StringBuilder text = new StringBuilder().append(status);
    if (!code.isEmpty()) {
      text.append(' ').append(code);
    }
    if (code.equals("RequestTimeTooSkewed")) {
      text.append(": the clocks differ");
      storeTime.ifPresent(
          time ->
              text.append(" by ")
                  .append(Duration.between(time, receivedAt).abs().toSeconds())
                  .append(" s; the store's shows ")
                  .append(time)
                  .append(", the worker's ")
                  .append(receivedAt));
    } else if (!message.isEmpty()) {
      text.append(": ").append(message);
    }
    return text.toString();
  }
}
