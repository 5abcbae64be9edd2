package dev.utter.worker.intake.group;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.offsets.LaneOffsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;

/** The consumer and the admin client, created once the brokers answer. */
public record IntakeClients(Admin admin, Consumer<byte[], byte[]> consumer)
    implements AutoCloseable {
  private static final String TRANSACTION_LOG_REPLICAS = "transaction.state.log.replication.factor";

  /** The brokers do not answer, or lack something that may come later. */
  public static final class NotYetException extends Exception {
    private static final long serialVersionUID = 1;

    NotYetException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Makes the clients.
   *
   * @throws NotYetException if it may work later
   * @throws WorkerBrokenException if it never will
   */
  public static IntakeClients open(IntakeSettings settings)
      throws NotYetException, InterruptedException {
    Admin admin = null;
    try {
      admin = Admin.create(KafkaProperties.admin(settings));
      GroupProtocol protocol = GroupProtocol.choose(settings, admin);
      new LaneOffsets(admin, settings.groupId()).initialise(settings.lanes());
      return new IntakeClients(
          admin, new KafkaConsumer<>(KafkaProperties.consumer(settings, protocol)));
    } catch (ExecutionException e) {
      close(admin);
      throw sorted(requireNonNull(e.getCause()));
    } catch (KafkaException e) {
      close(admin);
      throw sorted(e);
    } catch (InterruptedException e) {
      close(admin);
      throw e;
    }
  }

  private static void close(@Nullable Admin admin) {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }

  private static NotYetException sorted(Throwable why) {
    Throwable root = why.getCause() instanceof ConfigException cause ? cause : why;
    boolean unresolved =
        root instanceof ConfigException && String.valueOf(root.getMessage()).contains("resolvable");
    if (!unresolved
        && (root instanceof ConfigException
            || root instanceof AuthenticationException
            || root instanceof AuthorizationException)) {
      throw new WorkerBrokenException("Kafka's clients: " + root.getMessage(), why);
    }
    return new NotYetException("Kafka: " + root.getMessage(), why);
  }

  /**
   * Why no transactional producer can be created although the brokers answer, if known: with fewer
   * brokers than replicas of the transaction log, that log cannot be created.
   */
  public Optional<String> transactionLogTrouble(Duration wait) {
    try {
      var nodes = admin.describeCluster().nodes().get(wait.toMillis(), TimeUnit.MILLISECONDS);
      Optional<Node> node = nodes.stream().findFirst();
      if (node.isEmpty()) {
        return Optional.empty();
      }
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node.get().idString());
      Map<ConfigResource, Config> configs =
          admin.describeConfigs(List.of(broker)).all().get(wait.toMillis(), TimeUnit.MILLISECONDS);
      ConfigEntry replicas = requireNonNull(configs.get(broker)).get(TRANSACTION_LOG_REPLICAS);
      return replicas == null || Integer.parseInt(replicas.value()) <= nodes.size()
          ? Optional.empty()
          : Optional.of(
              "the brokers' setting %s is %s, and there are %d brokers"
                  .formatted(TRANSACTION_LOG_REPLICAS, replicas.value(), nodes.size()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | TimeoutException e) {
      // The brokers do not report it, or this worker may not read it.
      return Optional.empty();
    }
  }

  /** Closes the admin client; the consumer's user closes the consumer. */
  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
