package dev.utter.worker.synthesis.context;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Codes of context audio with its notes, least recently used out first, bounded in bytes.
 * Thread-safe.
 */
public final class CodesCache {
  /**
   * What the codes were made from.
   *
   * @param etag changes with the object's content
   */
  public record Key(String bucket, String key, String etag) {}

  private static final long ENTRY_OVERHEAD = 400;
  private static final long NOTE_BYTES = 300;

  private final long maxBytes;
  private final CodesListener listener;
  private final Map<Key, ContextAudio.Encoded> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  public CodesCache(long maxBytes, CodesListener listener) {
    this.maxBytes = maxBytes;
    this.listener = listener;
  }

  public synchronized Optional<ContextAudio.Encoded> get(Key key) {
    ContextAudio.Encoded known = entries.get(key);
    listener.codes(known != null);
    return Optional.ofNullable(known);
  }

  public synchronized void put(Key key, ContextAudio.Encoded codes) {
    ContextAudio.Encoded previous = entries.put(key, codes.ofRecordingAlone());
    bytes += size(entries.get(key)) - (previous == null ? 0 : size(previous));
    var eldest = entries.entrySet().iterator();
    while (bytes > maxBytes && eldest.hasNext()) {
      bytes -= size(eldest.next().getValue());
      eldest.remove();
    }
    listener.codesKept(bytes);
  }

  private static long size(ContextAudio.Encoded audio) {
    return ENTRY_OVERHEAD
        + NOTE_BYTES * audio.notes().size()
        + (long) Integer.BYTES * audio.frames() * audio.codes().codebooks();
  }
}
