package dev.utter.producer.client;

import dev.utter.events.AudioFormat;
import dev.utter.events.FailureCode;
import dev.utter.events.FinishReason;
import dev.utter.events.ModelIdentity;
import dev.utter.events.ObjectReference;
import dev.utter.events.StageTimings;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.Verdict;
import dev.utter.events.Watermark;
import dev.utter.events.WatermarkVerified;
import java.time.Instant;
import java.util.UUID;

/** One event of each kind, as a worker would publish it. */
public final class SampleEvents {
  static final String REQUEST_ID = "r-1";
  private static final Instant NOW = Instant.parse("2027-01-31T12:00:00Z");

  private SampleEvents() {}

  public static SynthesisCompleted completed() {
    return completed(REQUEST_ID, "0".repeat(64));
  }

  public static SynthesisCompleted completed(String requestId, String sha256) {
    return SynthesisCompleted.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId(requestId)
        .setAudio(
            StoredAudio.newBuilder()
                .setBucket("utter")
                .setKey("clips/" + requestId + ".wav")
                .setEtag("e")
                .setSha256(sha256)
                .setSizeBytes(3)
                .build())
        .setFormat(AudioFormat.WAV_PCM16)
        .setSampleRate(24_000)
        .setDurationMillis(80)
        .setFrames(1)
        .setFinishReason(FinishReason.MAX_DURATION)
        .setSeed(1)
        .setModel(new ModelIdentity("csm", "abc"))
        .setWatermark(new Watermark("silentcipher-44.1k", "public-demo", 0.9f))
        .setTimings(new StageTimings(1L, 2L, 3L, 4L, 5L))
        .setAttempt(1)
        .setWorker("w-1")
        .setCompletedAt(NOW)
        .build();
  }

  /** The failed event that admission publishes for a record whose key is not its request id. */
  static SynthesisFailed wrongKey(String requestId) {
    return SynthesisFailed.newBuilder(failed(requestId, FailureCode.INVALID_REQUEST))
        .setField("key")
        .build();
  }

  public static SynthesisFailed failed(FailureCode code) {
    return failed(REQUEST_ID, code);
  }

  public static SynthesisFailed failed(String requestId, FailureCode code) {
    return SynthesisFailed.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId(requestId)
        .setCode(code)
        .setMessage("no longer wanted")
        .setAttempt(0)
        .setFailedAt(NOW)
        .build();
  }

  public static WatermarkVerified verified(Verdict verdict) {
    return verified(REQUEST_ID, verdict);
  }

  /** The answer to a request for verification under the id of the sample request. */
  static WatermarkVerified answered(Verdict verdict) {
    return WatermarkVerified.newBuilder(verified(verdict)).setRequested(true).build();
  }

  public static WatermarkVerified verified(String requestId, Verdict verdict) {
    return WatermarkVerified.newBuilder()
        .setEventId(UUID.randomUUID())
        .setRequestId(requestId)
        .setVerdict(verdict)
        .setAudio(new ObjectReference("utter", "clips/r-1.wav", null))
        .setConfidence(0.9f)
        .setKeyId("public-demo")
        .setCheckedAt(NOW)
        .build();
  }
}
