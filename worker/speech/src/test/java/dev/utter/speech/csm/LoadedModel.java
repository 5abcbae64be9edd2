package dev.utter.speech.csm;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.FrameGenerator;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/** The language model of a fixture, with prompts for it. */
public final class LoadedModel implements AutoCloseable {

  public final Checkpoint checkpoint;
  public final FrameGenerator generator;
  public final CsmProgram program;
  private final TextTokenizer tokenizer;

  public LoadedModel(Path directory, GenerationSettings settings) {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    checkpoint = Checkpoint.open(directory);
    tokenizer = TextTokenizer.load(directory, checkpoint.config().bosId());
    generator = FrameGenerator.load(engine, checkpoint, settings, EndingSettings.NONE);
    program = CsmProgram.load(engine, checkpoint);
  }

  public Prompt prompt(int speaker, String text) {
    return layout().layOut(new Utterance(speaker, text));
  }

  /** A prompt with a context of {@code frames} random frames. */
  public Prompt promptWithContext(int frames) {
    int codebooks = checkpoint.config().codebooks();
    int[] codes =
        new Random(1)
            .ints((long) frames * codebooks, 0, checkpoint.config().codec().codebookSize())
            .toArray();
    ContextSegment segment = new ContextSegment(1, "And then?", new AudioCodes(codebooks, codes));
    return layout().layOut(new Utterance(0, "We left.", List.of(segment)));
  }

  /** Prefills a prompt in chunks and puts it into a slot. */
  public void join(int slot, Prompt prompt, SynthesisOptions options, int chunk) {
    int last = prompt.positions() - 1;
    try (KeyValues keyValues = program.newKeyValues(last)) {
      for (int from = 0; from < last; from += chunk) {
        program.prefill(keyValues, prompt, from, Math.min(from + chunk, last));
      }
      program.join(slot, keyValues, prompt.rows(last, last + 1), last, 0, options);
    }
  }

  private PromptLayout layout() {
    return new PromptLayout(tokenizer, PromptLayout.Sizes.of(checkpoint.config()));
  }

  @Override
  public void close() {
    program.close();
    generator.close();
    tokenizer.close();
  }
}
