package dev.utter.speech.parity;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.FinishReason;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.csm.FrameTrace;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.measure.FrameGenerator;
import dev.utter.speech.measure.FrameGenerator.Frames;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Speaks the reference's cases greedily and compares every stage. */
final class GenerationParity {

  private static final double LOGITS_BOUND = 1e-3;

  private final CsmConfig config;
  private final PromptLayout layout;
  private final FrameGenerator generator;
  private final MimiCodec codec;
  private final ReferenceNumbers reference;

  GenerationParity(
      CsmConfig config,
      PromptLayout layout,
      FrameGenerator generator,
      MimiCodec codec,
      ReferenceNumbers reference) {
    this.config = config;
    this.layout = layout;
    this.generator = generator;
    this.codec = codec;
    this.reference = reference;
  }

  List<Comparison> compare(ReferenceCase referenceCase) {
    String key = "case." + referenceCase.name();
    List<Comparison> comparisons = new ArrayList<>();
    try {
      Prompt prompt = layout.layOut(utterance(referenceCase));
      comparisons.add(
          Comparison.equal(key + ".input_ids", reference.ints(key + ".input_ids"), prompt.ids()));
      List<FrameTrace> traces = new ArrayList<>();
      Frames frames = generate(prompt, referenceCase.frames(), traces);
      comparisons.addAll(compareFrames(referenceCase, frames));
      comparisons.addAll(compareTraces(referenceCase.name(), traces));
      comparisons.addAll(compareAudio(key, frames.codes()));
    } catch (EmptyAudioException | IllegalArgumentException | IllegalStateException e) {
      comparisons.add(Comparison.failed(key, e));
    }
    return comparisons;
  }

  /** Compares the choices of a lower precision; see {@link AgreementParity}. */
  List<Comparison> compareAgreement(ReferenceCase referenceCase) {
    String key = "case." + referenceCase.name();
    try {
      Prompt prompt = layout.layOut(utterance(referenceCase));
      AudioCodes path = new AudioCodes(config.codebooks(), reference.ints(key + ".codes"));
      return new AgreementParity(config, generator, reference)
          .compare(referenceCase.name(), prompt, path);
    } catch (IllegalArgumentException | IllegalStateException e) {
      return List.of(Comparison.failed(key, e));
    }
  }

  private Frames generate(Prompt prompt, int maxFrames, List<FrameTrace> traces) {
    try {
      return generator.generateTraced(prompt, SynthesisOptions.greedy(maxFrames), traces::add);
    } catch (EmptyAudioException e) {
      AudioCodes none = new AudioCodes(config.codebooks(), new int[0]);
      return new Frames(none, FinishReason.END_OF_AUDIO, Duration.ZERO, Duration.ZERO);
    }
  }

  private List<Comparison> compareFrames(ReferenceCase referenceCase, Frames frames) {
    String key = "case." + referenceCase.name();
    int[] expected = withoutEnd(reference.ints(key + ".codes"));
    int expectedFrames = expected.length / config.codebooks();
    FinishReason expectedReason =
        expectedFrames < referenceCase.frames()
            ? FinishReason.END_OF_AUDIO
            : FinishReason.MAX_DURATION;
    return List.of(
        Comparison.equal(key + ".codes", expected, frames.codes().values()),
        Comparison.same(key + ".frames", expectedFrames, frames.codes().frames()),
        Comparison.same(key + ".finish", expectedReason, frames.finishReason()));
  }

  /** Drops the ending frame, all zeros, that the reference keeps in its output. */
  private int[] withoutEnd(int[] codes) {
    int end = codes.length - config.codebooks();
    boolean ended = end >= 0 && Arrays.stream(codes, end, codes.length).allMatch(code -> code == 0);
    return ended ? Arrays.copyOf(codes, end) : codes;
  }

  private List<Comparison> compareTraces(String name, List<FrameTrace> traces) {
    String logitsKey = "case." + name + ".codebook0_logits";
    String hiddenKey = "backbone." + name + ".last_hidden";
    String depthKey = "depth." + name + ".frame0_logits";
    List<Comparison> comparisons = new ArrayList<>();
    if (reference.has(logitsKey)) {
      int frames = Math.toIntExact(reference.shape(logitsKey)[0]);
      Stream<float[]> rows = traces.stream().limit(frames).map(FrameTrace::codebook0Logits);
      comparisons.add(close(logitsKey, concatenated(rows)));
    }
    if (reference.has(hiddenKey)) {
      comparisons.add(close(hiddenKey, traces.get(0).lastHidden()));
    }
    if (reference.has(depthKey)) {
      comparisons.add(close(depthKey, concatenated(traces.get(0).depthLogits().stream())));
    }
    return comparisons;
  }

  private Comparison close(String key, float[] found) {
    return Comparison.close(key, reference.floats(key), found, LOGITS_BOUND);
  }

  private List<Comparison> compareAudio(String key, AudioCodes codes) {
    String audioKey = key + ".audio";
    if (!reference.has(audioKey)) {
      return List.of();
    }
    float[] audio = codes.frames() == 0 ? new float[0] : codec.decoder().decode(codes).samples();
    return List.of(
        Comparison.close(audioKey, reference.floats(audioKey), audio, CodecParity.AUDIO_BOUND));
  }

  private Utterance utterance(ReferenceCase referenceCase) {
    List<ContextSegment> context = new ArrayList<>();
    for (ReferenceCase.Turn turn : referenceCase.context()) {
      AudioClip clip = Resampler.resample(read(turn.audio()), config.codec().sampleRate());
      context.add(new ContextSegment(turn.speaker(), turn.text(), codec.encoder().encode(clip)));
    }
    return new Utterance(referenceCase.speaker(), referenceCase.text(), context);
  }

  private static AudioClip read(Path file) {
    try {
      return new AudioDecoder(AudioLimits.DEFAULT).decode(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static float[] concatenated(Stream<float[]> rows) {
    List<float[]> all = rows.toList();
    float[] joined = new float[all.stream().mapToInt(row -> row.length).sum()];
    int at = 0;
    for (float[] row : all) {
      System.arraycopy(row, 0, joined, at, row.length);
      at += row.length;
    }
    return joined;
  }
}
