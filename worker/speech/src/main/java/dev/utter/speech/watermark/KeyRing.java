package dev.utter.speech.watermark;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of a deployment. The first one marks; all of them are recognised, so that clips marked
 * with an earlier key, or with one that other workers mark with already, are not reported as marks
 * with another key.
 *
 * <p>Threading: immutable.
 */
public final class KeyRing {
  /** Each key costs a comparison for every frame of a clip. */
  private static final int MAX_KEYS = 16;

  private final List<WatermarkKey> keys;

  /**
   * A ring of these keys, the one that marks first.
   *
   * @throws IllegalArgumentException if there are none or more than 16, or if two have the same id
   *     or the same bytes
   */
  public KeyRing(List<WatermarkKey> keys) {
    this.keys = List.copyOf(keys);
    if (keys.isEmpty() || keys.size() > MAX_KEYS) {
      throw new IllegalArgumentException(
          "there are " + keys.size() + " watermark keys, there must be 1 to " + MAX_KEYS);
    }
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < keys.size(); i++) {
      WatermarkKey key = keys.get(i);
      if (!ids.add(key.id())) {
        throw new IllegalArgumentException("two watermark keys have the id " + key.id());
      }
      for (WatermarkKey earlier : keys.subList(0, i)) {
        if (earlier.matches(key.bytes())) {
          throw new IllegalArgumentException(
              "the watermark keys " + earlier.id() + " and " + key.id() + " are the same");
        }
      }
    }
  }

  /** A ring of one key. */
  public static KeyRing of(WatermarkKey key) {
    return new KeyRing(List.of(key));
  }

  /** The key that marks. */
  public WatermarkKey marking() {
    return keys.get(0);
  }

  /** All keys, the one that marks first. */
  public List<WatermarkKey> keys() {
    return keys;
  }

  /** The key of this id. */
  public Optional<WatermarkKey> find(String id) {
    return keys.stream().filter(key -> key.id().equals(id)).findFirst();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeyRing that && keys.equals(that.keys);
  }

  @Override
  public int hashCode() {
    return Objects.hash(keys);
  }

  /** Names the keys by their ids. */
  @Override
  public String toString() {
    return "KeyRing" + keys.stream().map(WatermarkKey::id).toList();
  }
}
