package dev.utter.speech.hub;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

/**
 * The cache on disk, laid out as the hub's own programs do, which may use it at the same time: for
 * each model {@code blobs} with contents by checksum, {@code snapshots} with a folder for each
 * commit that links to them, and {@code refs} with the commits of branches and tags. Every file
 * appears in one step, complete.
 */
public final class HubCache {

  private static final String SNAPSHOTS = "snapshots";
  private static final String MODEL_PREFIX = "models--";
  private static final int MAX_REF_BYTES = 64;

  private final Path folder;

  public HubCache(Path folder) {
    this.folder = folder;
  }

  /** The cache that holds a snapshot; empty if the folder is not in one. */
  public static Optional<HubCache> around(Path snapshot) {
    return modelFolder(snapshot).map(model -> new HubCache(requireNonNull(model.getParent())));
  }

  /** The model of a snapshot; empty if the folder is not in a cache. */
  public static Optional<String> modelOf(Path snapshot) {
    return modelFolder(snapshot)
        .map(
            model ->
                model.getFileName().toString().substring(MODEL_PREFIX.length()).replace("--", "/"));
  }

  private static Optional<Path> modelFolder(Path snapshot) {
    Path snapshots = snapshot.toAbsolutePath().normalize().getParent();
    Path model = snapshots == null ? null : snapshots.getParent();
    if (snapshots == null || model == null || model.getParent() == null) {
      return Optional.empty();
    }
    boolean inside =
        snapshots.endsWith(SNAPSHOTS) && model.getFileName().toString().startsWith(MODEL_PREFIX);
    return inside ? Optional.of(model) : Optional.empty();
  }

  /** The cache's folder. */
  public Path folder() {
    return folder;
  }

  /** The folder of a model's files, if the cache has one of that revision. */
  public Optional<Path> snapshot(HubReference reference) {
    return commit(reference)
        .map(commit -> snapshot(reference.id(), commit))
        .filter(Files::isDirectory);
  }

  private Optional<String> commit(HubReference reference) {
    if (reference.isCommit()) {
      return Optional.of(reference.revision());
    }
    Path file = ref(reference);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_REF_BYTES) {
        return Optional.empty();
      }
      return Optional.of(Files.readString(file).strip()).filter(HubReference::isCommit);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new HubException("the cache's file " + file + " cannot be read: " + e, e);
    }
  }

  Path snapshot(RepositoryId id, String commit) {
    return model(id).resolve(SNAPSHOTS).resolve(commit);
  }

  Path blob(RepositoryId id, HubFile file) {
    return model(id).resolve("blobs").resolve(file.etag());
  }

  /**
   * The partial file of a content. The hub's other programs use other names, and do not share it.
   */
  Path partial(RepositoryId id, HubFile file) {
    return model(id).resolve("blobs").resolve(file.etag() + ".utter.incomplete");
  }

  Path lock(RepositoryId id, HubFile file) {
    return folder.resolve(".locks").resolve(id.folder()).resolve(file.etag() + ".lock");
  }

  /** Whether the content is there, with the size that it must have. */
  boolean holds(RepositoryId id, HubFile file) {
    return hasSize(blob(id, file), file.size());
  }

  /** Whether a file needs no download: its content is there, or it is there without links. */
  boolean isComplete(RepositoryId id, String commit, HubFile file) {
    return holds(id, file) || hasSize(snapshot(id, commit).resolve(file.path()), file.size());
  }

  /** Bytes of a file that still have to be downloaded. */
  long missingBytes(RepositoryId id, String commit, HubFile file) {
    if (isComplete(id, commit, file)) {
      return 0;
    }
    try {
      return Math.max(0, file.size() - Files.size(partial(id, file)));
    } catch (IOException e) {
      return file.size();
    }
  }

  private static boolean hasSize(Path file, long size) {
    try {
      return Files.isRegularFile(file) && Files.size(file) == size;
    } catch (IOException e) {
      return false;
    }
  }

  /** Links a content under its name in the snapshot of a commit. */
  void link(RepositoryId id, String commit, HubFile file) throws IOException {
    Path link = snapshot(id, commit).resolve(file.path());
    if (hasSize(link, file.size())) {
      return;
    }
    Path linkFolder = requireNonNull(link.getParent());
    Files.createDirectories(linkFolder);
    Path blob = blob(id, file);
    Path made = temporary(link);
    try {
      Files.createSymbolicLink(made, linkFolder.relativize(blob));
    } catch (UnsupportedOperationException | FileSystemException e) {
      // The file system has no links.
      Files.copy(blob, made, StandardCopyOption.REPLACE_EXISTING);
    }
    Files.move(made, link, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Records the commit that a branch or tag stands for. */
  void remember(HubReference reference, String commit) throws IOException {
    if (reference.isCommit()) {
      return;
    }
    Path file = ref(reference);
    Files.createDirectories(file.getParent());
    Path made = temporary(file);
    Files.writeString(made, commit);
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private Path ref(HubReference reference) {
    return model(reference.id()).resolve("refs").resolve(reference.revision());
  }

  private Path model(RepositoryId id) {
    return folder.resolve(id.folder());
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
  }
}
