package dev.utter.benchmarks.engine.peer;

import dev.utter.benchmarks.measure.Numbers;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.benchmarks.measure.Turn;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The peer's turns in one setting: with every type of numbers that is worth its time.
 *
 * <p>Threading: one thread at a time.
 */
public final class PeerSide {
  /** A type that is this many times slower in the warm-up is left out. */
  private static final double HOPELESS = 3;

  private static final int WARM_UP_FRAMES = 3;

  private final Peer peer;
  private final Prompts prompts;
  private final boolean audio;
  private final Map<PeerDtype, Double> warmUps = new EnumMap<>(PeerDtype.class);
  private final Map<PeerDtype, List<Turn>> turns = new EnumMap<>(PeerDtype.class);

  public PeerSide(Peer peer, Prompts prompts, boolean audio) {
    this.peer = peer;
    this.prompts = prompts;
    this.audio = audio;
  }

  /** A short turn each, which decides who takes part. */
  public void warmUp() {
    for (PeerDtype dtype : PeerDtype.values()) {
      Turn turn = peer.generate(dtype, prompts, WARM_UP_FRAMES, audio);
      warmUps.put(dtype, turn.framesPerSecond());
    }
    double best = warmUps.values().stream().mapToDouble(rate -> rate).max().orElseThrow();
    warmUps.forEach(
        (dtype, rate) -> {
          if (rate * HOPELESS > best) {
            turns.put(dtype, new ArrayList<>());
          }
        });
  }

  /** One turn of every type that takes part. */
  public void turn(int frames) {
    turns.forEach((dtype, own) -> own.add(peer.generate(dtype, prompts, frames, audio)));
  }

  /** The type with the best median. */
  public PeerDtype best() {
    return turns.keySet().stream()
        .max((a, b) -> Double.compare(median(a), median(b)))
        .orElseThrow();
  }

  /** Frames per second and stream, round by round. */
  public double[] rates(PeerDtype dtype) {
    return turns(dtype).stream().mapToDouble(Turn::framesPerSecond).toArray();
  }

  public double median(PeerDtype dtype) {
    return Numbers.median(rates(dtype));
  }

  /** All turns of a type; empty if it took no part. */
  public List<Turn> turns(PeerDtype dtype) {
    return turns.getOrDefault(dtype, List.of());
  }

  /** Frames per second and stream of the warm-up. */
  public double warmUpRate(PeerDtype dtype) {
    return warmUps.getOrDefault(dtype, Double.NaN);
  }
}
