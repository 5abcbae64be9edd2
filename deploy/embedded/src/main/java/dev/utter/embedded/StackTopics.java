package dev.utter.embedded;

import dev.utter.events.TopicSpec;
import dev.utter.events.Topics;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;

/** Creates Utter's topics on a broker. */
final class StackTopics {
  private StackTopics() {}

  static void create(String bootstrapServers, int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException(
          "partitions is " + partitions + "; a topic has at least 1");
    }
    try (Admin admin =
        Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
      Set<String> existing = new HashSet<>(admin.listTopics().names().get());
      List<NewTopic> missing =
          Topics.specs().stream()
              .filter(spec -> !existing.contains(spec.name()))
              .map(spec -> topic(spec, partitions))
              .toList();
      admin.createTopics(missing).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot make the topics: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while making the topics", e);
    }
  }

  private static NewTopic topic(TopicSpec spec, int partitions) {
    return new NewTopic(spec.name(), partitions, (short) 1)
        .configs(spec.limitedProperties(TopicSpec.IDS_REMEMBERED));
  }
}
