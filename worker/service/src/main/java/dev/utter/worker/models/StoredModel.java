package dev.utter.worker.models;

import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.storage.object.ObjectLocation;

/**
 * Address of a model in the object store.
 *
 * @param place bucket and prefix of its objects
 */
public record StoredModel(ObjectPrefix place) {
  /** What an address begins with. */
  private static final String SCHEME = "s3://";

  /** Name of the manifest's object below the prefix. */
  static final String MANIFEST = "utter-model.json";

  /** Requires a prefix. */
  public StoredModel {
    if (place.prefix().isEmpty()) {
      throw new IllegalArgumentException(
          "\"" + SCHEME + place.bucket() + "\" has no prefix, must be like s3://bucket/prefix");
    }
  }

  /**
   * Reads {@code s3://bucket/prefix}.
   *
   * @throws IllegalArgumentException if the text is no such address
   */
  public static StoredModel parse(String text) {
    if (!text.startsWith(SCHEME) || text.indexOf('/', SCHEME.length()) < 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no address of a model, must be like s3://bucket/prefix");
    }
    return new StoredModel(ObjectPrefix.parse(text.substring(SCHEME.length())));
  }

  /** Last part of the prefix. */
  String name() {
    return place.prefix().substring(place.prefix().lastIndexOf('/') + 1);
  }

  ObjectLocation manifest() {
    return object(MANIFEST);
  }

  /** Where the content of a file is. */
  ObjectLocation content(ModelManifest.Entry entry) {
    String path = entry.path();
    return object(entry.sha256() + "/" + path.substring(path.lastIndexOf('/') + 1));
  }

  private ObjectLocation object(String key) {
    return ObjectLocation.newest(place.bucket(), place.prefix() + "/" + key);
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return SCHEME + place;
  }
}
