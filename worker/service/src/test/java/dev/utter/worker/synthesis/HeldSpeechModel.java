package dev.utter.worker.synthesis;

import static org.awaitility.Awaitility.await;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FrameListener;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real model whose engine a test can hold between two frames, so that what is to overlap does so
 * by order and not by chance.
 */
final class HeldSpeechModel implements SpeechModel {

  /** Whether the engine must not go on yet; asked again and again on its thread. */
  @FunctionalInterface
  interface Hold {
    Hold NEVER = (text, listener) -> false;

    boolean holds(String text, FrameListener listener);
  }

  final AtomicInteger submitted = new AtomicInteger();
  final AtomicInteger maxRunning = new AtomicInteger();
  private final SpeechModel model;
  private volatile Hold hold = Hold.NEVER;

  HeldSpeechModel(SpeechModel model) {
    this.model = model;
  }

  /** Begins to count anew, and to hold. */
  void hold(Hold next) {
    submitted.set(0);
    maxRunning.set(0);
    hold = next;
  }

  @Override
  public CompletableFuture<Speech> submit(
      Utterance utterance, SynthesisOptions options, Urgency urgency, FrameListener listener) {
    FrameListener held =
        new FrameListener() {
          @Override
          public boolean onFrame(int frames) {
            maxRunning.accumulateAndGet(model.statistics().running(), Math::max);
            // A wait polls for the first time after 100 ms, which every frame would take.
            if (hold.holds(utterance.text(), listener)) {
              await()
                  .pollInSameThread()
                  .atMost(SynthesisRig.PATIENCE)
                  .until(() -> !hold.holds(utterance.text(), listener));
            }
            return listener.onFrame(frames);
          }

          @Override
          public boolean raised() {
            return listener.raised();
          }
        };
    CompletableFuture<Speech> speech = model.submit(utterance, options, urgency, held);
    submitted.incrementAndGet();
    return speech;
  }

  @Override
  public ModelDescription description() {
    return model.description();
  }

  @Override
  public AudioCodes encode(AudioClip clip) {
    return model.encode(clip);
  }

  @Override
  public int maxFrames(Utterance utterance) {
    return model.maxFrames(utterance);
  }

  @Override
  public int slots() {
    return model.slots();
  }

  @Override
  public EngineStatistics statistics() {
    return model.statistics();
  }

  @Override
  public void close() {
    model.close();
  }
}
