package dev.utter.worker.start;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.RetryLaterException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether a broker answers. The client is made at the first attempt and kept, so that an
 * attempt is one request.
 *
 * <p>Threading: one thread at a time.
 */
public final class KafkaAnswers implements Runnable, AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Map<String, String> client;
  private @Nullable Admin admin;

  /**
   * Nothing is sent yet.
   *
   * @param client the properties that every client shares
   */
  public KafkaAnswers(Map<String, String> client) {
    this.client = requireNonNull(client, "client is null");
  }

  /**
   * Asks once.
   *
   * @throws RetryLaterException if no broker answers, with the addresses and the last cause
   */
  @Override
  public void run() {
    try {
      if (admin == null) {
        admin = Admin.create(new HashMap<String, Object>(client));
      }
      admin
          .describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MILLIS))
          .clusterId()
          .get();
    } catch (ExecutionException e) {
      throw away(requireNonNull(e.getCause()));
    } catch (KafkaException e) {
      throw away(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away(e);
    }
  }

  private RetryLaterException away(Throwable why) {
    Throwable root = why.getCause() == null ? why : why.getCause();
    return new RetryLaterException(
        "Kafka at " + client.get("bootstrap.servers") + " does not answer: " + FailureText.of(root),
        why);
  }

  @Override
  public void close() {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }
}
