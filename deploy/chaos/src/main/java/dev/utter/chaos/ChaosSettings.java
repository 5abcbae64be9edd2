package dev.utter.chaos;

import dev.utter.chaos.fault.Schedule;
import dev.utter.chaos.process.Program;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Settings of one run.
 *
 * @param kind name of the run
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
 * @param other the version that the workers of the beginning run; empty if all run this one
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
    Optional<Program> other,
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
        Optional.empty(),
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
        Optional.empty(),
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
        Optional.empty(),
        out);
  }

  /** Two workers with every role, of which one leaves and comes back, on clips of some seconds. */
  static ChaosSettings scaleDown(long seed, Path model, Path out) {
    return pair("scale-down", seed, 60, Schedule.scaleDown(seed), Optional.empty(), model, out);
  }

  /** Two workers with every role, one after the other upgraded and rolled back. */
  static ChaosSettings upgrade(long seed, Program other, Path model, Path out) {
    return pair("upgrade", seed, 150, Schedule.upgrade(seed), Optional.of(other), model, out);
  }

  private static ChaosSettings pair(
      String kind,
      long seed,
      int requests,
      Schedule schedule,
      Optional<Program> other,
      Path model,
      Path out) {
    return new ChaosSettings(
        kind,
        seed,
        requests,
        Duration.ofMillis(400),
        30,
        schedule,
        3 * CLIP_MILLIS,
        4,
        2,
        1,
        Duration.ofSeconds(10),
        model,
        "",
        List.of(),
        other,
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
        other,
        out);
  }
}
