package dev.utter.chaos;

import dev.utter.chaos.fault.Schedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Settings of one run.
 *
 * @param kind short, long or soak
 * @param seed of schedule and requests
 * @param requests number of mixed requests, in addition to those that faults publish
 * @param pause between two requests
 * @param maxOpen limit of requests without outcome; none is published above it
 * @param schedule of the faults
 * @param clipMillis length of a clip
 * @param slots slots of a worker
 * @param speakers workers with the role SYNTHESIS
 * @param examineEvery the mark is looked for in every n-th object; 1 for all
 * @param samplePeriod between two samples of the processes
 * @param model folder of the checkpoint, with the watermark's networks beside it
 * @param mutant name of the deliberate defect; empty for none
 * @param classPathFront classes of the mutant
 * @param out folder of history, logs and reports
 */
record ChaosSettings(
    String kind,
    long seed,
    int requests,
    Duration pause,
    int maxOpen,
    Schedule schedule,
    int clipMillis,
    int slots,
    int speakers,
    int examineEvery,
    Duration samplePeriod,
    Path model,
    String mutant,
    List<Path> classPathFront,
    Path out) {
  private static final int CLIP_MILLIS = 1000;

  static ChaosSettings brief(long seed, Path model, Path out) {
    return new ChaosSettings(
        "short",
        seed,
        60,
        Duration.ofMillis(400),
        30,
        Schedule.brief(seed),
        CLIP_MILLIS,
        4,
        3,
        1,
        Duration.ofSeconds(10),
        model,
        "",
        List.of(),
        out);
  }

  /**
   * The load is below the capacity of two cores. If requests queued, BULK would have a twentieth of
   * the slots, and the time to drain would measure that instead of the fault.
   */
  static ChaosSettings extended(long seed, int requests, Path model, Path out) {
    return new ChaosSettings(
        "long",
        seed,
        requests,
        Duration.ofMillis(100),
        30,
        Schedule.rounds(seed, 3),
        CLIP_MILLIS,
        4,
        3,
        4,
        Duration.ofSeconds(10),
        model,
        "",
        List.of(),
        out);
  }

  static ChaosSettings soak(long seed, int requests, Path model, Path out) {
    return new ChaosSettings(
        "soak",
        seed,
        requests,
        Duration.ofMillis(5),
        100,
        Schedule.none(),
        CLIP_MILLIS,
        8,
        2,
        50,
        Duration.ofMinutes(1),
        model,
        "",
        List.of(),
        out);
  }

  ChaosSettings with(String defect, List<Path> classes) {
    return new ChaosSettings(
        kind,
        seed,
        requests,
        pause,
        maxOpen,
        schedule,
        clipMillis,
        slots,
        speakers,
        examineEvery,
        samplePeriod,
        model,
        defect,
        classes,
        out);
  }
}
