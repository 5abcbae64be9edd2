package dev.utter.chaos.load;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Expected;
import dev.utter.chaos.history.Entry.Publication;
import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Makes the requests of a run. The same seed and number give the same request, except for the time
 * in it. Of a hundred requests, five must fail and fifteen are published in an unusual way.
 */
public final class Requests {
  /** Context that can be used. */
  static final String GOOD_CONTEXT = "context/good.wav";

  /** Context that is no audio. */
  static final String BROKEN_CONTEXT = "context/broken.wav";

  /** Context that the store refuses to give. */
  static final String REFUSED_CONTEXT = "context/refused.wav";

  private static final String MISSING_CONTEXT = "context/missing.wav";
  private static final Duration HOPELESS = Duration.ofMillis(20);

  /**
   * Sampling seeds of the requests. About one in a thousand one-second clips of the development
   * model cannot carry the mark, and its request fails. The clips of these seeds can.
   */
  private static final int SAMPLING_SEEDS = 16;

  private final String bucket;
  private final long seed;
  private final int clipMillis;

  /**
   * Makes the requests of a seed.
   *
   * @param bucket of the context
   * @param clipMillis how long each clip is
   */
  public Requests(String bucket, long seed, int clipMillis) {
    this.bucket = bucket;
    this.seed = seed;
    this.clipMillis = clipMillis;
  }

  /** The records of one number. */
  List<Planned> mixed(int number) {
    Random random = new Random(seed * 1_000_003 + number);
    String id = "r%d-%d".formatted(seed, number);
    int roll = random.nextInt(100);
    Priority priority = priority(random.nextInt(10));
    SynthesisRequested plain = speech(id, priority).build();
    Planned request = Planned.request(plain, Expected.COMPLETED, Bound.NONE);
    return switch (roll) {
      case 0 ->
          List.of(
              new Planned(
                  Publication.UNDECODABLE,
                  id,
                  Optional.empty(),
                  Expected.DEAD_LETTER,
                  Bound.NONE,
                  false,
                  Optional.empty()));
      case 1 -> List.of(failing(speech(id, priority).setText("")));
      case 2 -> List.of(failing(withContext(id, priority, MISSING_CONTEXT)));
      case 3 -> List.of(failing(withContext(id, priority, BROKEN_CONTEXT)));
      case 4 -> List.of(failing(withContext(id, priority, REFUSED_CONTEXT)));
      case 5, 6, 7 -> List.of(request, Planned.other(Publication.REPEAT, plain));
      case 8, 9, 10 ->
          List.of(
              request,
              Planned.other(
                  Publication.CONFLICT, speech(id, priority).setText("Something else.").build()));
      case 11, 12 -> List.of(request, Planned.other(Publication.MISPLACED, plain));
      case 13, 14 ->
          List.of(
              request,
              Planned.other(
                      Publication.FOREIGN_KEY,
                      speech(id, priority).setText("By a stranger.").build())
                  .under(id + "-stranger", Publication.FOREIGN_KEY, Expected.DEAD_LETTER_ONLY));
      case 15, 16 ->
          List.of(
              Planned.request(plain, Expected.EITHER, Bound.NONE),
              Planned.cancellation(
                  id, roll == 15 ? Optional.empty() : Optional.of(Instant.now().getEpochSecond())));
      case 17 -> List.of(request.at(0));
      case 18 -> List.of(request.at(Instant.now().getEpochSecond()));
      case 19 -> List.of(request.at(Instant.now().plus(Duration.ofMinutes(30)).toEpochMilli()));
      case 20, 21, 22, 23, 24 ->
          List.of(
              Planned.request(
                  withContext(id, priority, GOOD_CONTEXT).build(), Expected.COMPLETED, Bound.NONE));
      default -> List.of(request);
    };
  }

  /** An ordinary request with this id. */
  Planned plain(String id, Priority priority, Bound bound) {
    return Planned.request(speech(id, priority).build(), Expected.COMPLETED, bound);
  }

  /**
   * A request that is admitted to its lane and needs no generation, because its deadline passes at
   * once.
   */
  Planned hopeless(String id) {
    return Planned.request(
        speech(id, Priority.NORMAL).setDeadline(Instant.now().plus(HOPELESS)).build(),
        Expected.FAILED,
        Bound.ADMITTED_DURING_RESTART);
  }

  private static Planned failing(SynthesisRequested.Builder request) {
    return Planned.request(request.build(), Expected.FAILED, Bound.NONE);
  }

  private static Priority priority(int roll) {
    return roll < 2 ? Priority.INTERACTIVE : roll < 7 ? Priority.NORMAL : Priority.BULK;
  }

  private SynthesisRequested.Builder speech(String id, Priority priority) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("Hello.")
        .setPriority(priority)
        .setOptions(
            GenerationOptions.newBuilder()
                .setSeed((long) Math.floorMod(id.hashCode(), SAMPLING_SEEDS))
                .setMaxDurationMillis(clipMillis)
                .setFormat(AudioFormat.WAV_PCM16)
                .build())
        .setRequestedAt(Instant.now());
  }

  private SynthesisRequested.Builder withContext(String id, Priority priority, String key) {
    return speech(id, priority)
        .setContext(
            List.of(
                ContextUtterance.newBuilder()
                    .setText("Before.")
                    .setSpeaker(0)
                    .setAudio(ObjectReference.newBuilder().setBucket(bucket).setKey(key).build())
                    .build()));
  }
}
