package dev.utter.chaos.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.chaos.process.Backends;
import dev.utter.embedded.faults.Interception;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.object.ObjectLocation;
import java.util.Map;

/** The recordings that requests name as their context: a good one and one of each bad kind. */
public final class Contexts {
  private static final int RATE = 24_000;
  private static final double TONE_HERTZ = 220;
  private static final int FORBIDDEN = 403;

  private Contexts() {}

  /**
   * Stores the recordings, and makes the network refuse the one that requests expect to be refused.
   */
  public static void upload(Backends backends) {
    float[] tone = new float[RATE];
    for (int i = 0; i < tone.length; i++) {
      tone[i] = (float) (0.3 * Math.sin(2 * Math.PI * TONE_HERTZ * i / RATE));
    }
    byte[] good =
        new AudioEncoder(AudioLimits.DEFAULT)
            .encode(new AudioClip(tone, RATE), FileFormat.WAV_PCM16);
    try (ObjectStore store = backends.store()) {
      put(store, Requests.GOOD_CONTEXT, good);
      put(store, Requests.BROKEN_CONTEXT, "this is no recording".getBytes(UTF_8));
      put(store, Requests.REFUSED_CONTEXT, good);
    }
    backends
        .storeNetwork()
        .add(
            Interception.refuse(
                exchange -> Backends.keyOf(exchange.path()).equals(Requests.REFUSED_CONTEXT),
                FORBIDDEN,
                "AccessDenied"));
  }

  private static void put(ObjectStore store, String key, byte[] bytes) {
    store.putIfAbsent(ObjectLocation.newest(Backends.BUCKET, key), bytes, "audio/wav", Map.of());
  }
}
