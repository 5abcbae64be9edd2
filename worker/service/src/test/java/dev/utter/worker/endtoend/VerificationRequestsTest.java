package dev.utter.worker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.ObjectReference;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.events.VerificationRequested;
import dev.utter.events.WatermarkVerified;
import dev.utter.speech.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a whole worker reveals to a caller who may request verifications, and knows the ids and the
 * objects of others.
 */
@Tag("integration")
final class VerificationRequestsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final byte[] PRIVATE = "Dear diary".getBytes(StandardCharsets.UTF_8);

  @TempDir private static Path stateFolder;
  private static WorkerRig rig;

  @BeforeAll
  static void start() {
    rig = new WorkerRig(stateFolder);
    rig.upload("private.wav", PRIVATE);
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  @Test
  void aVerificationRequestUnderAForeignIdReadsNoObjectAndChangesNoRow() {
    // Given
    SynthesisRequested request = rig.request().build();
    String id = request.getRequestId();
    ask(id, new ObjectReference(WorkerRig.VOICES, "private.wav", null), null);
    rig.publish(request);
    ObjectReference clip =
        new ObjectReference(WorkerRig.BUCKET, rig.clipOf(id).getAudio().getKey(), null);

    // When
    ask(id, new ObjectReference(WorkerRig.VOICES, "not-there.wav", null), null);
    ask(id, clip, "0".repeat(64));

    // Then
    List<ConsumerRecord<byte[], byte[]>> records = rig.recordsOf(id, Topics.VERIFIED, 4);
    List<WatermarkVerified> answers =
        records.stream().map(rig::verdict).filter(WatermarkVerified::getRequested).toList();
    assertThat(answers)
        .extracting(WatermarkVerified::getVerdict)
        .containsExactlyInAnyOrder(
            Verdict.OBJECT_MISSING, Verdict.OBJECT_MISSING, Verdict.OBJECT_CHANGED);
    assertThat(answers)
        .allSatisfy(answer -> assertThat(answer.getSha256()).isNull())
        .noneMatch(answer -> answer.toString().contains(Sha256.hex(PRIVATE)));

    // When
    awaitStatusPast(records);

    // Then
    List<RequestStatus> rows = rig.rowsOf(id);
    assertThat(rows)
        .extracting(RequestStatus::getVerdict)
        .containsOnly(null, Verdict.MATCH)
        .endsWith(Verdict.MATCH);
    assertThat(rows).last().extracting(RequestStatus::getState).isEqualTo(RequestState.VERIFIED);
  }

  private static void ask(String id, ObjectReference audio, String expectedSha256) {
    rig.publish(
        Topics.VERIFICATION_REQUESTS,
        id,
        VerificationRequested.newBuilder()
            .setRequestId(id)
            .setAudio(audio)
            .setExpectedSha256(expectedSha256)
            .setRequestedAt(Instant.now())
            .build());
  }

  /** Until the status stage has committed what it made of these records. */
  private static void awaitStatusPast(List<ConsumerRecord<byte[], byte[]>> records) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", rig.stack.bootstrapServers()))) {
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                Map<TopicPartition, OffsetAndMetadata> committed =
                    admin
                        .listConsumerGroupOffsets("utter-status")
                        .partitionsToOffsetAndMetadata()
                        .get();
                return records.stream()
                    .allMatch(
                        record -> {
                          OffsetAndMetadata next =
                              committed.get(new TopicPartition(record.topic(), record.partition()));
                          return next != null && next.offset() > record.offset();
                        });
              });
    }
  }
}
