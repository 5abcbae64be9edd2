package dev.utter.worker.rights;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.Topics;
import dev.utter.worker.rights.WorkerAccess.Grant;
import dev.utter.worker.rights.WorkerAccess.Resource;
import dev.utter.worker.settings.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The documented rights and retentions are those of the code. */
class AccessTableTest {
  private static final Path DOCS = Path.of(System.getProperty("utter.home"), "docs");

  @Test
  void theDocumentedRightsAreThoseOfTheCode() throws IOException {
    assertThat(generated("least-privilege.md", "# Kafka")).isEqualTo(AccessTable.access());
  }

  @Test
  void theDocumentedRightsInTheStoreAreThoseOfTheCode() throws IOException {
    assertThat(generated("least-privilege.md", "# Object store")).isEqualTo(AccessTable.store());
  }

  @Test
  void theRightsInTheStoreAreAPolicyDocument() {
    // Given
    StoreAccess.Grant grant = new StoreAccess.Grant("speech/clips/*", Set.of("s3:PutObject"));

    // When
    String policy = StoreAccess.policy(List.of(grant));

    // Then
    assertThat(policy.replaceAll("\\s", ""))
        .isEqualTo(
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                + "\"Action\":[\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::speech/clips/*\"}]}");
  }

  @Test
  void theDocumentedRetentionsAreThoseOfTheCode() throws IOException {
    assertThat(generated("retention.md", "# How long")).isEqualTo(AccessTable.retention());
  }

  @Test
  void everyTopicHasAReaderAndAWriter() {
    for (String topic : Topics.all()) {
      assertThat(whoMay("Write", topic)).as("writers of " + topic).isNotEmpty();
      if (!topic.equals(Topics.DEAD_LETTERS)) {
        assertThat(whoMay("Read", topic)).as("readers of " + topic).isNotEmpty();
      }
    }
  }

  @Test
  void publishersAndConsumersDoNotReachTheLanes() {
    for (String lane : Topics.lanes()) {
      assertThat(whoMay("Write", lane)).containsExactly("ADMISSION", "`utter dead-letters`");
      assertThat(whoMay("Read", lane)).containsExactly("SYNTHESIS", "STATUS", "`utter skip`");
      assertThat(whoMay("Delete", lane)).containsExactly("SYNTHESIS");
    }
  }

  @Test
  void aRightIsACommandToCopy() {
    // When
    Grant grant = new Grant(Resource.GROUP, "utter-status", true, Set.of("Write", "Read"));

    // Then
    assertThat(grant.command("User:status"))
        .isEqualTo(
            "--add --allow-principal \"User:status\" --operation Read --operation Write"
                + " --group \"utter-status\" --resource-pattern-type prefixed");
  }

  @Test
  void severalRolesHaveTheRightsOfEach() {
    // When
    List<Grant> both = WorkerAccess.of(List.of(Role.STATUS, Role.SYNTHESIS), "speech", "w-1");

    // Then
    assertThat(both)
        .contains(
            new Grant(Resource.TRANSACTIONAL_ID, "speech-synthesis-w-1", false, Set.of("Write")),
            new Grant(
                Resource.TOPIC, Topics.FAILED, false, Set.of("Read", "Write", "DescribeConfigs")));
  }

  private static List<String> whoMay(String operation, String topic) {
    return AccessTable.grants().entrySet().stream()
        .filter(
            entry ->
                entry.getValue().stream()
                    .anyMatch(
                        grant ->
                            grant.resource() == Resource.TOPIC
                                && grant.name().equals(topic)
                                && grant.operations().contains(operation)))
        .map(entry -> entry.getKey())
        .toList();
  }

  /** What stands between the two markers of a page. */
  /** The generated part of a page below a heading. */
  private static String generated(String page, String heading) throws IOException {
    String text = Files.readString(DOCS.resolve(page));
    String begin = "<!-- generated: begin -->\n";
    int from = text.indexOf(begin, text.indexOf(heading)) + begin.length();
    return text.substring(from, text.indexOf("<!-- generated: end -->", from));
  }
}
