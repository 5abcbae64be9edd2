package dev.utter.speech.engine;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A whole engine on the development checkpoint, with prompts for it. */
final class EngineHarness implements AutoCloseable {

  static final Path DIRECTORY = Path.of("src/test/fixtures/csm-tiny");

  final Checkpoint checkpoint = Checkpoint.open(DIRECTORY);
  final MimiCodec codec;
  final SpeechEngine engine;
  private final TextTokenizer tokenizer;
  private final PromptLayout layout;

  EngineHarness(GenerationSettings settings) {
    this(settings, EngineSettings.defaults().withThreads(1));
  }

  EngineHarness(GenerationSettings settings, EngineSettings torchSettings) {
    TorchEngine torch = TorchEngine.start(torchSettings);
    tokenizer = TextTokenizer.load(DIRECTORY, checkpoint.config().bosId());
    layout = new PromptLayout(tokenizer, PromptLayout.Sizes.of(checkpoint.config()));
    codec = MimiCodec.load(torch, checkpoint);
    engine = SpeechEngine.load(torch, checkpoint, codec.decoder(), settings, EndingSettings.NONE);
  }

  /** A prompt with a context segment of random codes for each of the seeds. */
  Prompt prompt(String text, long... contextSeeds) {
    List<ContextSegment> context = new ArrayList<>();
    for (long seed : contextSeeds) {
      context.add(segment(20, seed));
    }
    return layout.layOut(new Utterance(0, text, context));
  }

  /** A prompt with one context segment of this number of frames. */
  Prompt longPrompt(int frames, long seed) {
    return layout.layOut(new Utterance(0, "And then?", List.of(segment(frames, seed))));
  }

  private ContextSegment segment(int frames, long seed) {
    int codebooks = checkpoint.config().codebooks();
    int[] codes =
        new Random(seed)
            .ints((long) frames * codebooks, 0, checkpoint.config().codec().codebookSize())
            .toArray();
    return new ContextSegment(1, "We left early.", new AudioCodes(codebooks, codes));
  }

  CompletableFuture<Speech> submit(Prompt prompt, SynthesisOptions options) {
    return submit(prompt, options, Urgency.NORMAL, FrameListener.KEEP_GOING);
  }

  CompletableFuture<Speech> submit(
      Prompt prompt, SynthesisOptions options, Urgency urgency, FrameListener listener) {
    return engine.submit(prompt, options, urgency, listener);
  }

  Speech speak(Prompt prompt, SynthesisOptions options) {
    return submit(prompt, options).join();
  }

  @Override
  public void close() {
    engine.close();
    codec.close();
    tokenizer.close();
  }
}
