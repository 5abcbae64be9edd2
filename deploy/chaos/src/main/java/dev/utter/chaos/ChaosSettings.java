package dev.utter.chaos;

import dev.utter.chaos.fault.Schedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What one run does.
 *
 * @param kind short, long or soak
 * @param seed of schedule and requests
 * @param requests mixed requests in all, beside those that faults publish
 * @param pause between two requests
 * @param maxOpen requests without outcome before the next is published
 * @param schedule of the faults
 * @param clipMillis length of a clip
 * @param slots utterances of a worker at a time
 * @param speakers workers that speak
 * @param examineEvery in every how-manieth object the mark is looked for
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
   * The load is below what two cores can do: where requests queue, BULK has a twentieth of the
   * slots, and the time to drain would measure that and not the fault.
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
