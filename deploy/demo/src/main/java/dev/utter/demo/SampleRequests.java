package dev.utter.demo;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * The demo's requests. Each of the first six shows a different feature. Further ones speak a
 * sentence with different seeds, in all lanes.
 */
final class SampleRequests {
  private static final int MAX_DURATION_MILLIS = 4000;
  private static final List<Priority> LANES =
      List.of(Priority.INTERACTIVE, Priority.NORMAL, Priority.BULK);

  private final Clock clock;
  private final List<ContextUtterance> context;

  /**
   * @param firstVoice the uploaded recording of speaker 0
   * @param secondVoice the uploaded recording of speaker 1
   */
  SampleRequests(Clock clock, ObjectReference firstVoice, ObjectReference secondVoice) {
    this.clock = clock;
    this.context =
        List.of(
            new ContextUtterance(0, "Hey how are you doing.", firstVoice),
            new ContextUtterance(1, "Pretty good, pretty good.", secondVoice));
  }

  /** The first {@code count} of them. */
  List<SampleRequest> first(int count) {
    List<SampleRequest> requests = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      requests.add(request(number));
    }
    return requests;
  }

  private SampleRequest request(int number) {
    return switch (number) {
      case 1 -> completing(event("1-plain-text", "Hello from Sesame.").build());
      case 2 ->
          completing(
              event("2-two-speakers", "Me too, this is some cool stuff huh?")
                  .setSpeaker(1)
                  .setContext(context)
                  .setPriority(Priority.INTERACTIVE)
                  .build());
      case 3 ->
          new SampleRequest(
              event("3-cancelled", "Nobody wants to hear this any more.")
                  .setPriority(Priority.BULK)
                  .build(),
              true,
              Expectation.failed(FailureCode.CANCELLED));
      case 4 ->
          new SampleRequest(
              event("4-invalid", "This speaker does not exist.").setSpeaker(-1).build(),
              false,
              Expectation.failed(FailureCode.INVALID_REQUEST));
      case 5 ->
          completing(
              event("5-greedy-flac", "The most probable code, every time.")
                  .setOptions(options(AudioFormat.FLAC, 5).setTopK(1).build())
                  .build());
      case 6 ->
          completing(
              event("6-bulk-opus", "There is no hurry with this one.")
                  .setOptions(options(AudioFormat.OGG_OPUS, 6).build())
                  .setPriority(Priority.BULK)
                  .build());
      default ->
          completing(
              event(number + "-more", "This is request number " + number + ".")
                  .setOptions(options(AudioFormat.WAV_PCM16, number).build())
                  .setPriority(LANES.get(number % LANES.size()))
                  .build());
    };
  }

  private static SampleRequest completing(SynthesisRequested event) {
    return new SampleRequest(event, false, Expectation.COMPLETED);
  }

  private SynthesisRequested.Builder event(String id, String text) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText(text)
        .setOptions(options(AudioFormat.WAV_PCM16, 1).build())
        .setRequestedAt(clock.instant());
  }

  private static GenerationOptions.Builder options(AudioFormat format, long seed) {
    return GenerationOptions.newBuilder()
        .setMaxDurationMillis(MAX_DURATION_MILLIS)
        .setSeed(seed)
        .setFormat(format);
  }
}
