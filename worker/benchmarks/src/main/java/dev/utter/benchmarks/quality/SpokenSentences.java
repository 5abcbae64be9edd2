package dev.utter.benchmarks.quality;

import dev.utter.speech.ContextSegment;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.model.SpeechSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Sentences, spoken one after the other by a model. */
final class SpokenSentences implements ClipSource {
  /** Longest clip, 30 s: no sentence takes as long. */
  private static final int MAX_FRAMES = 375;

  private final Path folder;
  private final SpeechSettings settings;
  private final List<String> sentences;
  private final long seed;
  private final Optional<Voice> voice;

  /**
   * The recording whose voice is wanted.
   *
   * @param text what is said in it
   */
  record Voice(AudioClip recording, String text) {}

  SpokenSentences(
      Path folder,
      SpeechSettings settings,
      List<String> sentences,
      long seed,
      Optional<Voice> voice) {
    this.folder = folder;
    this.settings = settings;
    this.sentences = sentences;
    this.seed = seed;
    this.voice = voice;
  }

  @Override
  public String model() {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  @Override
  public String precision() {
    return settings.engine().precision().name();
  }

  @Override
  public void forEach(Consumer<SpokenClip> clips) {
    try (SpeechModel model = SpeechModels.load(folder, settings)) {
      List<ContextSegment> context =
          voice.stream()
              .map(wanted -> new ContextSegment(0, wanted.text(), model.encode(wanted.recording())))
              .toList();
      for (int i = 0; i < sentences.size(); i++) {
        clips.accept(
            speak(
                model,
                String.format(Locale.ROOT, "sentence-%02d", i + 1),
                new Utterance(0, sentences.get(i), context),
                seed + i));
      }
    }
  }

  private static SpokenClip speak(
      SpeechModel model, String name, Utterance utterance, long seedOfClip) {
    try {
      Speech speech =
          model
              .submit(
                  utterance,
                  SynthesisOptions.sampled(MAX_FRAMES, seedOfClip),
                  Urgency.NORMAL,
                  FrameListener.KEEP_GOING)
              .join();
      return new SpokenClip(
          name,
          utterance.text(),
          Optional.of(speech.audio()),
          Optional.of(speech.finishReason().name()));
    } catch (CompletionException e) {
      if (e.getCause() instanceof EmptyAudioException) {
        return new SpokenClip(name, utterance.text(), Optional.empty(), Optional.of("EMPTY"));
      }
      throw e;
    }
  }
}
