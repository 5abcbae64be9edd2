package dev.utter.speech.model;

import dev.utter.speech.checkpoint.ModelInspection;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.HubCache;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.hub.HubToken;
import dev.utter.speech.hub.ModelHub;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a model is: in a folder; published under a name and kept in the hub's cache; or in an
 * object store, whose addresses are only recognised here.
 */
public final class ModelSource {

  /** The published watermark networks. */
  static final String WATERMARK = "sony/silentcipher";

  /** Those for the sample rate that clips are marked at. */
  static final String WATERMARK_FOLDER = "44_1_khz/73999_iteration";

  static final List<String> WATERMARK_FILES =
      List.of("hparams.yaml", "enc_c.ckpt", "dec_c.ckpt", "dec_m_0.ckpt");

  /** What the address of an object store begins with. */
  private static final String STORE = "s3://";

  private final String text;
  private final Optional<HubReference> published;

  private ModelSource(String text, Optional<HubReference> published) {
    this.text = text;
    this.published = published;
  }

  /**
   * Reads a folder, {@code owner/name}, {@code owner/name@revision} or {@code s3://bucket/prefix}.
   * A text that could be folder or name is a folder if that folder exists.
   */
  public static ModelSource parse(String text) {
    if (text.startsWith(STORE)) {
      return new ModelSource(text, Optional.empty());
    }
    return new ModelSource(
        text, Files.isDirectory(Path.of(text)) ? Optional.empty() : reference(text));
  }

  /** A folder. */
  public static ModelSource of(Path folder) {
    return new ModelSource(folder.toString(), Optional.empty());
  }

  private static Optional<HubReference> reference(String text) {
    try {
      return Optional.of(HubReference.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The folder, if it was written as one. */
  public Optional<Path> folder() {
    return published.isPresent() || address().isPresent()
        ? Optional.empty()
        : Optional.of(Path.of(text));
  }

  /** The address in an object store, if it was written as one. */
  public Optional<String> address() {
    return Optional.of(text).filter(written -> written.startsWith(STORE));
  }

  /**
   * The folder with the files. Does not use the network.
   *
   * @throws CheckpointException if there is none; the message has the command that downloads it
   */
  public Path locate(HubSettings settings) {
    return published
        .map(reference -> cached(reference, new HubCache(settings.cache())))
        .orElseGet(this::existing);
  }

  /**
   * The folder with the files, downloaded if it is not there.
   *
   * @param token token of the hub
   * @throws CheckpointException if there is no such folder
   * @throws dev.utter.speech.hub.listing.HubException if the download fails
   */
  public Path fetch(HubSettings settings, Optional<HubToken> token, FetchListener listener) {
    if (published.isEmpty()) {
      return existing();
    }
    HubReference reference = published.get();
    Optional<Path> cached = new HubCache(settings.cache()).snapshot(reference);
    if (cached.isPresent() && defect(reference, cached.get()).isEmpty()) {
      return inside(cached.get());
    }
    ModelFetch fetch = new ModelFetch(new ModelHub(settings, token));
    return inside(fetch.fetch(fetch.plan(reference, Optional.empty(), listener), listener));
  }

  private Path existing() {
    if (address().isPresent()) {
      throw new CheckpointException(text + " is in an object store, a folder or a name is needed");
    }
    Path folder = Path.of(text);
    if (!Files.isDirectory(folder)) {
      throw new CheckpointException(folder + " is not a folder");
    }
    return folder;
  }

  private Path cached(HubReference reference, HubCache cache) {
    Path snapshot =
        cache
            .snapshot(reference)
            .orElseThrow(
                () ->
                    new CheckpointException(
                        "%s is neither a folder nor in the cache %s; \"%s\" downloads it"
                            .formatted(reference, cache.folder(), command(reference))));
    defect(reference, snapshot)
        .ifPresent(
            why -> {
              throw new CheckpointException(
                  why + "; if files are missing, \"" + command(reference) + "\" downloads them");
            });
    return inside(snapshot);
  }

  private static String command(HubReference reference) {
    return "utter model fetch " + reference;
  }

  /** An interrupted download leaves a folder, too. */
  private static Optional<String> defect(HubReference reference, Path snapshot) {
    if (!ModelFetch.isCheckpoint(reference.id())) {
      return Optional.empty();
    }
    try {
      ModelInspection.inspect(snapshot);
      return Optional.empty();
    } catch (CheckpointException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The watermark is published for two sample rates, in a folder each. */
  private static Path inside(Path snapshot) {
    Path networks = snapshot.resolve(WATERMARK_FOLDER);
    return Files.isDirectory(networks) ? networks : snapshot;
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ModelSource source
        && text.equals(source.text)
        && published.equals(source.published);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }
}
