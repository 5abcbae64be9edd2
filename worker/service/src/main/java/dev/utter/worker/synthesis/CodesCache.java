package dev.utter.worker.synthesis;

import dev.utter.speech.AudioCodes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Codes of context audio, least recently used out first, bounded in bytes. Thread-safe. */
final class CodesCache {
  /**
   * What the codes were made from.
   *
   * @param etag changes with the object's content
   */
  record Key(String bucket, String key, String etag) {}

  private static final long ENTRY_OVERHEAD = 400;

  private final long maxBytes;
  private final SynthesisListener listener;
  private final Map<Key, AudioCodes> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  CodesCache(long maxBytes, SynthesisListener listener) {
    this.maxBytes = maxBytes;
    this.listener = listener;
  }

  synchronized Optional<AudioCodes> get(Key key) {
    AudioCodes known = entries.get(key);
    listener.codes(known != null);
    return Optional.ofNullable(known);
  }

  synchronized void put(Key key, AudioCodes codes) {
    AudioCodes previous = entries.put(key, codes);
    bytes += size(codes) - (previous == null ? 0 : size(previous));
    var eldest = entries.entrySet().iterator();
    while (bytes > maxBytes && eldest.hasNext()) {
      bytes -= size(eldest.next().getValue());
      eldest.remove();
    }
    listener.codesKept(bytes);
  }

  private static long size(AudioCodes codes) {
    return ENTRY_OVERHEAD + (long) Integer.BYTES * codes.frames() * codes.codebooks();
  }
}
