package dev.utter.chaos.fault;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The faults of a run and their order. The same seed gives the same schedule.
 *
 * @param faults faults in order, each with its seed
 * @param split whether one worker has every role except synthesis and the others only synthesis;
 *     otherwise all workers have all roles
 */
public record Schedule(List<Planned> faults, boolean split) {
  private static final List<FaultKind> STORE =
      List.of(
          FaultKind.LATE_PUT,
          FaultKind.FREEZE,
          FaultKind.KILL_MARKED,
          FaultKind.STORE_DOWN,
          FaultKind.STORE_SLOW,
          FaultKind.STORE_CUT,
          FaultKind.STORE_REFUSES_OBJECTS);
  private static final List<FaultKind> BROKER =
      List.of(
          FaultKind.LATE_PUT,
          FaultKind.DEATH_AND_JOIN,
          FaultKind.KILL_STARTED,
          FaultKind.KILL_GENERATED,
          FaultKind.KILL_PUBLISHED,
          FaultKind.BROKER_KILL);
  private static final List<FaultKind> REGISTRY =
      List.of(
          FaultKind.ROLLING_RESTART,
          FaultKind.JOIN_AND_LEAVE,
          FaultKind.KILL_ADMITTED,
          FaultKind.KILL_STORED,
          FaultKind.REGISTRY_DOWN,
          FaultKind.REGISTRY_SLOW,
          FaultKind.REGISTRY_CUT);

  /**
   * A planned fault.
   *
   * @param kind kind of fault
   * @param seed seed of its random choices
   */
  public record Planned(FaultKind kind, long seed) {}

  /**
   * A third of the faults, chosen by the seed, so that three consecutive seeds have all of them.
   * The deletion of offsets comes last if it is part of the third.
   */
  public static Schedule brief(long seed) {
    Random random = new Random(seed);
    int third = (int) Math.floorMod(seed, 3L);
    List<FaultKind> kinds = new ArrayList<>(third == 1 ? STORE : third == 2 ? BROKER : REGISTRY);
    Collections.shuffle(kinds, random);
    if (third == 2) {
      kinds.add(FaultKind.OFFSETS_DELETED);
    }
    return new Schedule(planned(kinds, random), third == 2);
  }

  /** Every fault {@code rounds} times; each round has a different order. */
  public static Schedule rounds(long seed, int rounds) {
    Random random = new Random(seed);
    List<FaultKind> all = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      List<FaultKind> kinds =
          new ArrayList<>(Stream.of(FaultKind.values()).filter(FaultKind::general).toList());
      kinds.remove(FaultKind.OFFSETS_DELETED);
      Collections.shuffle(kinds, random);
      all.addAll(kinds);
    }
    all.add(FaultKind.OFFSETS_DELETED);
    return new Schedule(planned(all, random), true);
  }

  /** A worker leaves and comes back, once by SIGTERM alone and once drained before. */
  public static Schedule scaleDown(long seed) {
    return new Schedule(
        planned(List.of(FaultKind.SCALE_DOWN, FaultKind.DRAIN), new Random(seed)), false);
  }

  /** Two workers are upgraded and rolled back, with interruptions while two versions run. */
  public static Schedule upgrade(long seed) {
    return new Schedule(
        planned(
            List.of(
                FaultKind.UPGRADE,
                FaultKind.KILL_STARTED,
                FaultKind.LATE_PUT,
                FaultKind.KILL_STORED,
                FaultKind.UPGRADE,
                FaultKind.ROLLBACK,
                FaultKind.KILL_STARTED,
                FaultKind.KILL_PUBLISHED,
                FaultKind.ROLLBACK),
            new Random(seed)),
        false);
  }

  /** No fault at all. */
  public static Schedule none() {
    return new Schedule(List.of(), false);
  }

  private static List<Planned> planned(List<FaultKind> kinds, Random random) {
    return kinds.stream().map(kind -> new Planned(kind, random.nextLong())).toList();
  }
}
