package dev.utter.worker.synthesis.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.audio.FileFormat;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.synthesis.SynthesisRig;
import dev.utter.worker.synthesis.TestingSpeechModel;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlannerTest {
  private final Planner planner =
      new Planner(
          new AccessRules(
              new AccessSettings(
                  new ObjectPrefix("clips-out", "clips"),
                  List.of(new ObjectPrefix("voices", "")),
                  List.of(
                      new ObjectPrefix("clips-out", "clips"),
                      new ObjectPrefix("clips-out", "team")),
                  List.of())),
          TestingSpeechModel.DESCRIPTION);

  @Test
  void aPlanHasWhatTheEngineAndTheStoreNeed() {
    // Given
    SynthesisRequested request =
        request("id")
            .setOutput(new OutputLocation("clips-out", "team"))
            .setOptions(new GenerationOptions(239, 0.5f, 100, 7L, AudioFormat.FLAC))
            .build();

    // When
    Plan plan = planner.plan(request);

    // Then: a frame is 80 ms long
    assertThat(plan.requestId()).isEqualTo("id");
    assertThat(plan.fingerprint()).isEqualTo(RequestContent.fingerprint(request));
    assertThat(plan.options().maxFrames()).isEqualTo(2);
    assertThat(plan.options().temperature()).isEqualTo(0.5f);
    assertThat(plan.options().topK()).isEqualTo(100);
    assertThat(plan.options().seed()).isEqualTo(7);
    assertThat(plan.format()).isEqualTo(FileFormat.FLAC);
    assertThat(plan.destination()).isEqualTo(ObjectLocation.newest("clips-out", "team/id.flac"));
  }

  @ParameterizedTest
  @CsvSource({
    "WAV_PCM16, WAV_PCM16",
    "WAV_FLOAT, WAV_FLOAT",
    "FLAC, FLAC",
    "OGG_OPUS, OGG_OPUS",
    "MP3, MP3"
  })
  void everyFormatOfARequestIsOneOfTheWorker(AudioFormat asked, FileFormat made) {
    assertThat(planner.plan(options(o -> o.setFormat(asked))).format()).isEqualTo(made);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of("requestId", request("no id").build()),
        Arguments.of("context", request("id").setContext(context(33, "voices")).build()),
        Arguments.of(
            "context[1].audio.bucket",
            request("id")
                .setContext(List.of(context(1, "voices").get(0), context(1, "other").get(0)))
                .build()),
        Arguments.of("options.topK", options(o -> o.setTopK(0))),
        Arguments.of("options.topK", options(o -> o.setTopK(101))),
        Arguments.of("options.temperature", options(o -> o.setTemperature(0))),
        Arguments.of("options.temperature", options(o -> o.setTemperature(Float.NaN))),
        Arguments.of(
            "options.temperature", options(o -> o.setTemperature(Float.POSITIVE_INFINITY))),
        Arguments.of("options.maxDurationMillis", options(o -> o.setMaxDurationMillis(79))),
        Arguments.of("options.maxDurationMillis", options(o -> o.setMaxDurationMillis(-80))),
        Arguments.of("options.format", options(o -> o.setFormat(AudioFormat.UNKNOWN))),
        Arguments.of(
            "output.bucket", request("id").setOutput(new OutputLocation("other", null)).build()));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void aValueThatAnotherAdmissionAcceptedIsRefusedByItsField(
      String field, SynthesisRequested request) {
    assertThatThrownBy(() -> planner.plan(request))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(FailureCode.INVALID_REQUEST);
              assertThat(failure.field()).contains(field);
              assertThat(failure.getMessage()).startsWith(field + " is ");
            });
  }

  @Test
  void everyValueAtItsLimitPasses() {
    // Given
    SynthesisRequested request =
        request("i".repeat(128))
            .setContext(context(32, "voices"))
            .setOptions(new GenerationOptions(80, Float.MAX_VALUE, 1, null, AudioFormat.MP3))
            .build();

    // Then
    assertThat(planner.plan(request).options().maxFrames()).isEqualTo(1);
    assertThat(planner.plan(request).options().topK()).isEqualTo(1);
  }

  @Test
  void theContextAndItsToleranceArePartOfTheContent() {
    // Given
    SynthesisRequested plain = request("id").build();
    SynthesisRequested voice = request("id").setContext(context(1, "voices")).build();
    SynthesisRequested tolerant =
        SynthesisRequested.newBuilder(voice).setTolerateDamagedContext(true).build();

    // Then
    assertThat(
            Stream.of(plain, voice, tolerant).map(RequestContent::fingerprint).distinct().toList())
        .hasSize(3);
  }

  private static SynthesisRequested options(UnaryOperator<GenerationOptions.Builder> change) {
    return request("id").setOptions(change.apply(GenerationOptions.newBuilder()).build()).build();
  }

  private static SynthesisRequested.Builder request(String id) {
    return SynthesisRig.request(id, "Hello.")
        .setOptions(GenerationOptions.newBuilder().setTopK(50).build());
  }

  private static List<ContextUtterance> context(int count, String bucket) {
    return Collections.nCopies(
        count, new ContextUtterance(0, "Hi.", new ObjectReference(bucket, "a.wav", null)));
  }
}
