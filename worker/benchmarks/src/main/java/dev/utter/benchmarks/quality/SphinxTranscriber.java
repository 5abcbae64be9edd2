package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.resample.Resampler;
import edu.cmu.sphinx.api.Configuration;
import edu.cmu.sphinx.api.SpeechResult;
import edu.cmu.sphinx.api.StreamSpeechRecognizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Random;
import java.util.StringJoiner;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The built-in ear: CMU Sphinx with its general model of American English. It understands less than
 * people do, so its error rates only serve comparisons.
 */
final class SphinxTranscriber implements Transcriber {
  private static final String MODELS = "resource:/edu/cmu/sphinx/models/en-us/";
  private static final int SAMPLE_RATE = 16_000;

  /** Samples of silence before and after, which the recognizer needs to find beginning and end. */
  private static final int MARGIN = SAMPLE_RATE / 2;

  /** Of the noise, as a share of full scale. Without any, digital silence is no speech to it. */
  private static final double NOISE = 2e-4;

  /** With it the library leaves the log's settings alone. */
  private static final String LOG_SETTINGS = "java.util.logging.config.file";

  /** The library logs through it, and nothing else here does; kept, so that it stays off. */
  private static final Logger LOG = Logger.getLogger("");

  private final StreamSpeechRecognizer recognizer;

  /** Loads the model. */
  SphinxTranscriber() {
    if (System.getProperty(LOG_SETTINGS) == null) {
      System.setProperty(LOG_SETTINGS, "none");
      LOG.setLevel(Level.OFF);
    }
    Configuration configuration = new Configuration();
    configuration.setAcousticModelPath(MODELS + "en-us");
    configuration.setDictionaryPath(MODELS + "cmudict-en-us.dict");
    configuration.setLanguageModelPath(MODELS + "en-us.lm.bin");
    try {
      recognizer = new StreamSpeechRecognizer(configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return "sphinx4";
  }

  @Override
  public String transcribe(AudioClip clip) {
    StringJoiner words = new StringJoiner(" ");
    recognizer.startRecognition(new ByteArrayInputStream(pcm(clip)));
    try {
      for (Optional<String> part = next(); part.isPresent(); part = next()) {
        words.add(part.get());
      }
    } finally {
      recognizer.stopRecognition();
    }
    return words.toString();
  }

  /** The words of the next stretch of speech; empty at the end. */
  private Optional<String> next() {
    try {
      return Optional.ofNullable(recognizer.getResult()).map(SpeechResult::getHypothesis);
    } catch (NullPointerException e) {
      // How the library fails where no words at all fit the sound.
      return Optional.empty();
    }
  }

  private static byte[] pcm(AudioClip clip) {
    float[] samples = Resampler.resample(clip, SAMPLE_RATE).samples();
    ByteBuffer pcm =
        ByteBuffer.allocate((samples.length + 2 * MARGIN) * Short.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(1);
    for (int i = -MARGIN; i < samples.length + MARGIN; i++) {
      double sample = i < 0 || i >= samples.length ? 0 : samples[i];
      double noisy = sample + NOISE * random.nextGaussian();
      pcm.putShort((short) Math.round(Math.max(-1, Math.min(1, noisy)) * Short.MAX_VALUE));
    }
    return pcm.array();
  }
}
