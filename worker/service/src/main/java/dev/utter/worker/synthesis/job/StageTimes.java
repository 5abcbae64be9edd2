package dev.utter.worker.synthesis.job;

import dev.utter.events.StageTimings;
import java.time.Duration;

/** How long each stage took; {@link StageTimings} says what belongs to which. */
public record StageTimes(
    Duration queued, Duration context, Duration generation, Duration watermark, Duration storage) {

  /** For a clip that was stored already. */
  public static final StageTimes NONE =
      new StageTimes(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO);

  StageTimes withWatermark(Duration took) {
    return new StageTimes(queued, context, generation, took, storage);
  }

  StageTimes withStorage(Duration took) {
    return new StageTimes(queued, context, generation, watermark, took);
  }

  public StageTimings event() {
    return StageTimings.newBuilder()
        .setQueuedMillis(queued.toMillis())
        .setContextMillis(context.toMillis())
        .setGenerationMillis(generation.toMillis())
        .setWatermarkMillis(watermark.toMillis())
        .setStorageMillis(storage.toMillis())
        .build();
  }
}
