package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.options;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisCompleted;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole worker with the development checkpoint as its engine. */
@Tag("integration")
class RealModelTest {

  @Test
  void speaksInTheVoiceOfItsContextAndMarksTheClip() {
    try (SynthesisRig rig = new SynthesisRig();
        SpeechModel model =
            SpeechModels.load(
                WorkerParts.MODELS.resolve("development"), SpeechSettings.defaults())) {
      // Given
      String voice = newId("voice");
      rig.store.putIfAbsent(
          ObjectLocation.newest(SynthesisRig.VOICES, voice), noise(), "audio/wav", Map.of());
      ObjectReference audio =
          ObjectReference.newBuilder().setBucket(SynthesisRig.VOICES).setKey(voice).build();
      ContextUtterance context =
          ContextUtterance.newBuilder().setSpeaker(0).setText("Hello.").setAudio(audio).build();
      String id = newId("real");
      SynthesisWorker worker = rig.worker(model, "synthesis", "worker");

      // When
      rig.publish(
          request(id, "Good morning.")
              .setContext(List.of(context))
              .setOptions(options().setFormat(AudioFormat.WAV_FLOAT).setSeed(11L).build()));

      // Then
      await().atMost(PATIENCE).until(() -> rig.outcomes(id) == 1);
      assertThat(rig.failed(id)).isEmpty();
      SynthesisCompleted event = rig.completed(id).get(0);
      byte[] file =
          rig.store.read(
              ObjectLocation.newest(event.getAudio().getBucket(), event.getAudio().getKey()));
      AudioClip clip = WorkerParts.DECODER.decode(file);
      assertThat(event.getModel().getRevision()).isEqualTo(model.description().revision());
      assertThat(event.getSeed()).isEqualTo(11);
      assertThat(clip.length())
          .isEqualTo(event.getFrames() * model.description().samplesPerFrame());
      assertThat(WorkerParts.WATERMARK.detect(clip, WorkerParts.KEY).matches()).isTrue();
      worker.close();
    }
  }

  private static byte[] noise() {
    Random random = new Random(1);
    float[] samples = new float[44_100];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return new AudioEncoder(AudioLimits.DEFAULT)
        .encode(new AudioClip(samples, 44_100), FileFormat.WAV_PCM16);
  }
}
