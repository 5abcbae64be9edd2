package dev.utter.speech.csm.prepared;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.cache.FetchLock;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes files of prepared weights. A file appears in one step, complete, checked and on the disk;
 * one that processes have mapped stays as it is until they unmap it.
 */
public final class PreparedWriter {

  /** For the header and what the file system itself needs. */
  private static final long SPARE_BYTES = 16 << 20;

  private static final int PART_BYTES = 1 << 20;

  private final Path folder;
  private final Path path;
  private final Path partial;
  private final PreparedIdentity identity;

  private PreparedWriter(Path path, PreparedIdentity identity) {
    this.path = path.toAbsolutePath().normalize();
    this.folder = this.path.resolveSibling(".").normalize();
    this.identity = identity;
    this.partial = beside(".partial");
  }

  /**
   * A writer of what a checkpoint, as its files are now, will be converted to.
   *
   * @param path the file
   * @throws CheckpointException if the checkpoint's files cannot be read
   */
  public static PreparedWriter of(Path path, Checkpoint checkpoint, Precision precision) {
    return new PreparedWriter(path, PreparedIdentity.of(checkpoint, precision));
  }

  /**
   * Writes the file, or replaces the one that is there.
   *
   * @param tensors in the order of the file
   * @return its size in bytes
   * @throws CheckpointException if the disk is too small or the file cannot be written; a file that
   *     was there stays then
   */
  public long write(Collection<StoredTensor> tensors) {
    List<StoredTensor> filled = aligned(tensors);
    try {
      FetchLock lock = FetchLock.take(beside(".lock"), () -> {});
      try {
        return writeAlone(filled);
      } finally {
        Files.deleteIfExists(partial);
        lock.release();
      }
    } catch (IOException e) {
      throw new CheckpointException(path + ": cannot be written: " + e, e);
    }
  }

  /** With tensors between them that fill the pages: the format has no gaps. */
  private static List<StoredTensor> aligned(Collection<StoredTensor> tensors) {
    List<StoredTensor> filled = new ArrayList<>();
    for (StoredTensor tensor : tensors) {
      filled.add(tensor);
      int gap = Math.toIntExact(-tensor.bytes() & (PreparedFile.ALIGNMENT - 1));
      if (gap > 0) {
        filled.add(
            new StoredTensor(
                tensor.file(),
                PreparedFile.PADDING + filled.size(),
                Dtype.U8,
                new Shape(gap),
                () -> ByteBuffer.allocate(gap)));
      }
    }
    return filled;
  }

  private long writeAlone(List<StoredTensor> tensors) throws IOException {
    Map<String, String> metadata = new TreeMap<>(identity.metadata());
    ChunkChecksums checksums = new ChunkChecksums();
    SafetensorsWriter.writeElements(checksums, tensors);
    metadata.put(PreparedFile.CHECKSUMS, String.join(" ", checksums.all()));
    // Of a process that was killed: nobody else has the lock.
    Files.deleteIfExists(partial);
    requireSpace(tensors.stream().mapToLong(StoredTensor::bytes).sum());
    writePartial(tensors, metadata);
    check();
    Files.move(partial, path, StandardCopyOption.ATOMIC_MOVE);
    force(folder);
    return Files.size(path);
  }

  private void requireSpace(long bytes) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < bytes + SPARE_BYTES) {
      throw new CheckpointException(
          path + ": needs " + (bytes + SPARE_BYTES) + " bytes, the disk has " + free + " left");
    }
  }

  private void writePartial(List<StoredTensor> tensors, Map<String, String> metadata)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      SafetensorsWriter.write(channel, tensors, metadata, PreparedFile.ALIGNMENT);
      channel.force(true);
    }
  }

  /** Reads it back. */
  private void check() throws IOException {
    PreparedFile written = PreparedFile.open(partial, identity);
    ChunkChecksums checksums = new ChunkChecksums();
    try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.READ)) {
      ByteBuffer part = ByteBuffer.allocate(PART_BYTES);
      channel.position(written.begin());
      while (channel.read(part) >= 0) {
        checksums.write(part.flip());
        part.clear();
      }
    }
    written.requireChecksums(checksums.all());
  }

  /** Without it a rename may be lost with the machine's power. Not every system can do it. */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The file itself is complete, and a lost rename leaves no damaged one.
      return;
    }
  }

  private Path beside(String suffix) {
    return path.resolveSibling(path.getFileName() + suffix);
  }
}
