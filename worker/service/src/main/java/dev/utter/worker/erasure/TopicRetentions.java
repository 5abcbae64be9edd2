package dev.utter.worker.erasure;

import static java.util.Objects.requireNonNull;

import dev.utter.events.TopicSpec;
import dev.utter.events.TopicSpec.Cleanup;
import dev.utter.events.TopicSpec.Retention;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;

/** How long topics keep records of a request where a single record cannot be deleted. */
public final class TopicRetentions {
  /** Topics whose records, which are of requests, stay until their retention ends. */
  public static final List<String> LOGS =
      Topics.specs().stream()
          .filter(spec -> spec.cleanup() == Cleanup.DELETE)
          .filter(spec -> spec.retention() != Retention.UNLIMITED)
          .map(TopicSpec::name)
          .filter(name -> !name.equals(Topics.SKIPS))
          .toList();

  private TopicRetentions() {}

  /** A sentence for each topic, from the brokers' settings. */
  static List<String> of(Map<String, String> client) {
    List<String> sentences = new ArrayList<>();
    try (Admin admin = Admin.create(new HashMap<>(client))) {
      List<ConfigResource> resources =
          LOGS.stream().map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic)).toList();
      Map<ConfigResource, Config> configs = admin.describeConfigs(resources).all().get();
      for (ConfigResource resource : resources) {
        long millis =
            Long.parseLong(
                requireNonNull(configs.get(resource)).get(TopicSpec.RETENTION_MILLIS).value());
        sentences.add(
            "records of this id on "
                + resource.name()
                + (millis < 0
                    ? ", without end"
                    : ", " + days(millis) + " after their publication"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Kafka was asked for retentions", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka
          ? kafka
          : new IllegalStateException("Kafka does not report the retention", e.getCause());
    }
    sentences.add(
        "records of this id on "
            + String.join(", ", Topics.lanes())
            + ", until the workers have deleted what is finished");
    sentences.add(
        "the id and a digest of the request in admission's state, as admission.retention says");
    sentences.add("context recordings, which belong to the publisher");
    return sentences;
  }

  private static String days(long millis) {
    Duration time = Duration.ofMillis(millis);
    return time.toDays() > 0 ? time.toDays() + " d" : time.toHours() + " h";
  }
}
