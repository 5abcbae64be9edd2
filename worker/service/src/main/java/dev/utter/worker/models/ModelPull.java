package dev.utter.worker.models;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.cache.DiskSpace;
import dev.utter.speech.cache.FetchLock;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.worker.storage.LargeObjects;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Pulls models from the store. Continues what an earlier pull left, checks every file against the
 * manifest's SHA-256, and shows a folder only when it is complete. Several threads and processes
 * may pull the same model; one of them does the work.
 */
public final class ModelPull {
  /** Bytes of a request, so that each ends within the time that a call may take. */
  private static final long RANGE_BYTES = 16L << 20;

  /** Disk space that must stay free, in bytes. */
  private static final long SPARE_BYTES = 64L << 20;

  private final ObjectStore store;
  private final LargeObjects objects;
  private final ModelCache cache;
  private final FetchListener listener;
  private final StoreRetry.Waiting waiting;
  private final ToLongFunction<Path> usableBytes;
  private final long rangeBytes;

  /**
   * @param store where models are; it stays open
   * @param cache where pulled models are kept
   * @param listener follows the pull
   */
  public ModelPull(ObjectStore store, ModelCache cache, FetchListener listener) {
    this(
        store,
        cache,
        listener,
        duration -> Thread.sleep(duration.toMillis()),
        DiskSpace::usableBytes,
        RANGE_BYTES);
  }

  ModelPull(
      ObjectStore store,
      ModelCache cache,
      FetchListener listener,
      StoreRetry.Waiting waiting,
      ToLongFunction<Path> usableBytes,
      long rangeBytes) {
    this.store = store;
    this.objects = new LargeObjects(store);
    this.cache = cache;
    this.listener = listener;
    this.waiting = waiting;
    this.usableBytes = usableBytes;
    this.rangeBytes = rangeBytes;
  }

  /**
   * The files of a model.
   *
   * @throws ModelTransferException if there is no manifest, or it is none
   */
  public ModelManifest manifest(StoredModel model) {
    AtomicReference<byte[]> json = new AtomicReference<>();
    try {
      retry().run(() -> json.set(store.read(model.manifest(), ModelManifest.MAX_BYTES).bytes()));
      return ModelManifest.parse(requireNonNull(json.get()));
    } catch (ObjectNotFoundException e) {
      throw new ModelTransferException(
          "there is no model at %s: %s is missing, which \"utter model push\" writes last"
              .formatted(model, model.manifest()),
          e);
    } catch (IllegalArgumentException e) {
      throw new ModelTransferException(model.manifest() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Pulls a model into the cache; what is there is not pulled again.
   *
   * @return the folder with its files
   * @throws ModelTransferException if the model is damaged, or the disk is too small
   * @throws dev.utter.worker.storage.failure.UnusableObjectException if an object is missing, or
   *     may not be read
   * @throws dev.utter.worker.storage.failure.StorageUnavailableException if the store does not
   *     answer again and again
   */
  public Path pull(StoredModel model) {
    return pull(model, manifest(model));
  }

  /** As {@link #pull(StoredModel)}, with a manifest that was read before. */
  public Path pull(StoredModel model, ModelManifest manifest) {
    Path folder = cache.folder(model, manifest);
    guarded(
        folder,
        () -> {
          into(folder, model, manifest, true);
          if (cache.find(model).filter(folder::equals).isEmpty()) {
            cache.remember(model, manifest);
          }
        });
    return folder;
  }

  /**
   * Pulls a model into a folder, which must be absent, empty or hold this very model.
   *
   * @throws ModelTransferException also if the folder holds something else
   */
  public void pull(StoredModel model, ModelManifest manifest, Path folder) {
    Path target = folder.toAbsolutePath().normalize();
    guarded(target, () -> into(target, model, manifest, false));
  }

  private interface Writing {
    void run() throws IOException;
  }

  private static void guarded(Path folder, Writing writing) {
    try {
      writing.run();
    } catch (IOException | UncheckedIOException e) {
      throw new ModelTransferException(folder + " cannot be written: " + e, e);
    }
  }

  private void into(Path folder, StoredModel model, ModelManifest manifest, boolean ofCache)
      throws IOException {
    if (manifest.isIn(folder)) {
      return;
    }
    FetchLock lock =
        FetchLock.take(cache.lock(folder), () -> listener.waits(manifest.entries().get(0).file()));
    try {
      if (manifest.isIn(folder)) {
        // Another pull was faster.
        return;
      }
      Path partial = partial(folder);
      clear(folder, partial, ofCache);
      checkSpace(partial, manifest.bytes() - present(manifest, partial));
      for (ModelManifest.Entry entry : manifest.entries()) {
        fetch(model.content(entry), entry, partial.resolve(entry.path()));
      }
      Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      lock.release();
    }
  }

  private static Path partial(Path folder) {
    return folder.resolveSibling(folder.getFileName() + ".partial");
  }

  /** Makes way for the folder. In the cache, what is damaged is completed. */
  private static void clear(Path folder, Path partial, boolean ofCache) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    if (ofCache && !Files.exists(partial)) {
      Files.move(folder, partial, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    if (!Files.isDirectory(folder)) {
      throw new ModelTransferException(folder + " exists and is not a folder");
    }
    try (Stream<Path> files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new ModelTransferException(folder + " exists and is not empty");
      }
    }
    Files.delete(folder);
  }

  private static long present(ModelManifest manifest, Path partial) {
    return manifest.entries().stream()
        .mapToLong(
            entry -> Math.min(entry.bytes(), partial.resolve(entry.path()).toFile().length()))
        .sum();
  }

  private void checkSpace(Path folder, long bytes) {
    long free = usableBytes.applyAsLong(folder);
    if (bytes > free - SPARE_BYTES) {
      throw new ModelTransferException(
          "%s has %d MB free, but the pull needs %d MB; storage.modelCache names another place"
              .formatted(folder, free / 1_000_000, bytes / 1_000_000 + SPARE_BYTES / 1_000_000));
    }
  }

  private void fetch(ObjectLocation location, ModelManifest.Entry entry, Path file)
      throws IOException {
    Files.createDirectories(requireNonNull(file.getParent()));
    boolean continued = file.toFile().length() > 0;
    if (hasContent(location, entry, file)) {
      listener.finished(entry.file());
      return;
    }
    // Bytes of an earlier attempt may be wrong.
    if (continued && hasContent(location, entry, file)) {
      listener.finished(entry.file());
      return;
    }
    throw new ModelTransferException(
        "%s has another content than the manifest lists for %s (SHA-256); push the model again"
            .formatted(location, entry.path()));
  }

  /** Completes a file; a file with a wrong checksum is removed. */
  private boolean hasContent(ObjectLocation location, ModelManifest.Entry entry, Path file)
      throws IOException {
    MessageDigest digest = Sha256.start();
    if (file.toFile().length() > entry.bytes()) {
      Files.delete(file);
    }
    long have = readInto(digest, file);
    listener.begins(entry.file(), have);
    if (have < entry.bytes()) {
      checkSize(location, entry);
    }
    receive(location, entry, file, have, digest);
    if (HexFormat.of().formatHex(digest.digest()).equals(entry.sha256())) {
      return true;
    }
    listener.received(-entry.bytes());
    Files.delete(file);
    return false;
  }

  private void receive(
      ObjectLocation location,
      ModelManifest.Entry entry,
      Path file,
      long from,
      MessageDigest digest)
      throws IOException {
    StoreRetry retry = retry();
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      out.position(from);
      while (out.position() < entry.bytes()) {
        retry.run(() -> receiveRange(location, entry, out, digest, retry));
      }
      out.force(true);
    }
  }

  private void receiveRange(
      ObjectLocation location,
      ModelManifest.Entry entry,
      FileChannel out,
      MessageDigest digest,
      StoreRetry retry) {
    try {
      long from = out.position();
      objects.read(
          location,
          from,
          Math.min(rangeBytes, entry.bytes() - from),
          entry.bytes(),
          (buffer, length) -> {
            write(out, ByteBuffer.wrap(buffer, 0, length));
            digest.update(buffer, 0, length);
            retry.progressed();
            listener.received(length);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) {
    try {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long readInto(MessageDigest digest, Path file) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    return Sha256.update(digest, file);
  }

  private void checkSize(ObjectLocation location, ModelManifest.Entry entry) {
    AtomicReference<ObjectHead> head = new AtomicReference<>();
    retry().run(() -> head.set(store.head(location)));
    long size = requireNonNull(head.get()).size();
    if (size != entry.bytes()) {
      throw new ModelTransferException(
          "%s has %d bytes, but the manifest lists %d for %s; push the model again"
              .formatted(location, size, entry.bytes(), entry.path()));
    }
  }

  private StoreRetry retry() {
    return new StoreRetry(waiting, listener);
  }
}
