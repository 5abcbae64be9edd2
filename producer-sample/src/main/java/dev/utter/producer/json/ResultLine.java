package dev.utter.producer.json;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.events.ContextNote;
import dev.utter.events.Signature;
import dev.utter.events.StageTimings;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.WatermarkVerified;
import dev.utter.producer.client.RequestProgress;

/** Progress of a request as one JSON object. */
public final class ResultLine {
  private ResultLine() {}

  /**
   * {@code requestId}, {@code state} and, as far as they are known, the fields of the completed or
   * failed event and of the verdict; {@code refusedCode} and {@code refusedMessage} if another
   * record under this id was refused.
   */
  public static ObjectNode of(RequestProgress progress) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("requestId", progress.requestId());
    line.put("state", progress.state().map(Enum::name).orElse("PUBLISHED"));
    progress.completed().ifPresent(completed -> put(line, completed));
    progress.failed().ifPresent(failed -> put(line, failed));
    progress.verified().ifPresent(verified -> put(line, verified));
    progress
        .refused()
        .ifPresent(
            refused ->
                line.put("refusedCode", refused.getCode().name())
                    .put("refusedMessage", refused.getMessage()));
    return line;
  }

  private static void put(ObjectNode line, SynthesisCompleted completed) {
    line.put("bucket", completed.getAudio().getBucket());
    line.put("key", completed.getAudio().getKey());
    line.put("sha256", completed.getAudio().getSha256());
    line.put("sizeBytes", completed.getAudio().getSizeBytes());
    line.put("format", completed.getFormat().name());
    line.put("sampleRate", completed.getSampleRate());
    line.put("durationMillis", completed.getDurationMillis());
    line.put("frames", completed.getFrames());
    line.put("finishReason", completed.getFinishReason().name());
    line.put("seed", completed.getSeed());
    line.put("model", completed.getModel().getName());
    line.put("modelRevision", completed.getModel().getRevision());
    line.put("watermarkKeyId", completed.getWatermark().getKeyId());
    line.put("watermarkConfidence", completed.getWatermark().getConfidence());
    Signature signature = completed.getSignature();
    if (signature != null) {
      line.putObject("signature")
          .put("keyId", signature.getKeyId())
          .put("createdAt", signature.getCreatedAt().toString())
          .put("value", signature.getValue());
    }
    line.put("attempt", completed.getAttempt());
    line.put("worker", completed.getWorker());
    if (!completed.getContextNotes().isEmpty()) {
      ArrayNode notes = line.putArray("contextNotes");
      for (ContextNote note : completed.getContextNotes()) {
        notes
            .addObject()
            .put("context", note.getContext())
            .put("kind", note.getKind().name())
            .put("positionMillis", note.getPositionMillis())
            .put("message", note.getMessage());
      }
    }
    StageTimings timings = completed.getTimings();
    line.putObject("timings")
        .put("queuedMillis", timings.getQueuedMillis())
        .put("contextMillis", timings.getContextMillis())
        .put("generationMillis", timings.getGenerationMillis())
        .put("watermarkMillis", timings.getWatermarkMillis())
        .put("storageMillis", timings.getStorageMillis());
  }

  private static void put(ObjectNode line, SynthesisFailed failed) {
    line.put("code", failed.getCode().name());
    line.put("field", failed.getField());
    line.put("message", failed.getMessage());
    line.put("attempt", failed.getAttempt());
  }

  private static void put(ObjectNode line, WatermarkVerified verified) {
    line.put("verdict", verified.getVerdict().name());
    line.put("verifiedConfidence", verified.getConfidence());
  }
}
