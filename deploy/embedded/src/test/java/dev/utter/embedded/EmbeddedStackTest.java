package dev.utter.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.host.LoopbackPorts;
import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.events.Topics;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
final class EmbeddedStackTest {
  @Test
  void startsAllPartsAndLeavesNoThreadWhenClosed() throws Exception {
    // Given
    ThreadsInUse threads = new ThreadsInUse();

    // When
    try (EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary())) {
      // Then
      assertThat(statusOf(stack.schemaRegistryUrl() + "/subjects")).isEqualTo(200);
      assertThat(statusOf(stack.s3Endpoint() + "/")).isEqualTo(403);
      try (Admin admin = admin(stack)) {
        assertThat(admin.describeCluster().nodes().get()).hasSize(1);
      }
    }
    threads.awaitNoOthers();
  }

  @Test
  void makesEveryTopicOnceAndCompactsTheStatus() throws Exception {
    // Given
    EmbeddedStack stack = SharedStack.get();

    // When
    stack.createTopics(2);

    // Then
    try (Admin admin = admin(stack)) {
      assertThat(admin.listTopics().names().get()).containsAll(Topics.all());
      assertThat(cleanupPolicy(admin, Topics.STATUS)).isEqualTo("compact");
      assertThat(cleanupPolicy(admin, Topics.COMPLETED)).isEqualTo("delete");
    }
  }

  @Test
  void refusesTopicsWithoutPartitions() {
    assertThatThrownBy(() -> SharedStack.get().createTopics(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("partitions is 0");
  }

  @Test
  void stopsTheOtherPartsWhenOneDoesNotStart() throws Exception {
    // Given
    ThreadsInUse threads = new ThreadsInUse();
    EmbeddedStackSettings temporary = EmbeddedStackSettings.temporary();
    try (EmbeddedSchemaRegistry inTheWay =
        EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary())) {
      int taken = URI.create(inTheWay.url()).getPort();
      EmbeddedStackSettings impossible =
          new EmbeddedStackSettings(
              temporary.kafka(),
              new EmbeddedSchemaRegistrySettings(Optional.empty(), taken, Optional.empty()),
              temporary.s3());

      // When
      assertThatThrownBy(() -> EmbeddedStack.start(impossible))
          // Then
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(inTheWay.url());
    }
    threads.awaitNoOthers();
  }

  @Test
  void handsOutEveryPortOnce() {
    // When
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      ports.add(LoopbackPorts.free());
    }

    // Then
    assertThat(ports).hasSize(200).allSatisfy(port -> assertThat(port).isBetween(15_000, 32_767));
  }

  private static Admin admin(EmbeddedStack stack) {
    return Admin.create(
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers()));
  }

  private static String cleanupPolicy(Admin admin, String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return admin
        .describeConfigs(List.of(resource))
        .all()
        .get()
        .get(resource)
        .get(TopicConfig.CLEANUP_POLICY_CONFIG)
        .value();
  }

  private static int statusOf(String url) throws Exception {
    HttpURLConnection connection = (HttpURLConnection) URI.create(url).toURL().openConnection();
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }
}
