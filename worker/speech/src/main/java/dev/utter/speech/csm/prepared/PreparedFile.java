package dev.utter.speech.csm.prepared;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of prepared weights whose header was read and checked; none of its weights is in memory
 * yet. It is written once and replaced by rename only, so that it can be mapped.
 */
public final class PreparedFile {

  /** Tensors begin at multiples of this, in bytes: the size of a page. */
  static final int ALIGNMENT = 4096;

  /** How names of tensors begin that fill pages. */
  static final String PADDING = "padding.";

  /** Entry of the header with the checksums. */
  static final String CHECKSUMS = "crc32c";

  private static final Logger LOGGER = LoggerFactory.getLogger(PreparedFile.class);

  private final Path path;
  private final Map<String, StoredTensor> tensors;
  private final List<String> checksums;
  private final long begin;
  private final long bytes;

  private PreparedFile(Path path, Map<String, StoredTensor> tensors, Map<String, String> metadata) {
    this.path = path;
    this.tensors = tensors;
    this.checksums = List.of(metadata.getOrDefault(CHECKSUMS, "").split(" "));
    this.begin = tensors.values().stream().mapToLong(PreparedFile::offset).min().orElse(0);
    this.bytes = begin + tensors.values().stream().mapToLong(StoredTensor::bytes).sum();
  }

  /** Parts of the file's bytes in memory. */
  @FunctionalInterface
  public interface Memory {

    /** The bytes from {@code from} on. */
    ByteBuffer part(long from, int length);
  }

  /** Where the prepared weights of a checkpoint are looked for. */
  public static Path beside(Checkpoint checkpoint, Precision precision) {
    String name = precision.name().toLowerCase(Locale.ROOT);
    return checkpoint.directory().resolve("utter-prepared-" + name + ".safetensors");
  }

  /**
   * The prepared weights of a checkpoint, if the file is there and belongs to it. If it does not,
   * one warning says why.
   */
  public static Optional<PreparedFile> find(Path path, Checkpoint checkpoint, Precision precision) {
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    try {
      return Optional.of(open(path, checkpoint, precision));
    } catch (CheckpointException e) {
      logUnused(path, e);
      return Optional.empty();
    }
  }

  /** Logs that a file is not used. */
  public static void logUnused(Path path, RuntimeException why) {
    LOGGER
        .atWarn()
        .addKeyValue("file", path)
        .addKeyValue("reason", why.getMessage())
        .addKeyValue("remedy", "run 'utter model prepare' again, or delete the file")
        .log("Prepared weights are not used, the checkpoint is converted");
  }

  /**
   * Opens the prepared weights of a checkpoint.
   *
   * @throws CheckpointException if the file is missing, truncated, malformed or belongs to
   *     something else
   */
  public static PreparedFile open(Path path, Checkpoint checkpoint, Precision precision) {
    return open(path, PreparedIdentity.of(checkpoint, precision));
  }

  /**
   * Opens a file.
   *
   * @throws CheckpointException if it is missing, truncated, malformed or belongs to something else
   */
  static PreparedFile open(Path path, PreparedIdentity identity) {
    SafetensorsFile stored = SafetensorsFile.open(path);
    Map<String, String> metadata = stored.metadata();
    Optional<String> difference = identity.difference(metadata);
    if (difference.isPresent()) {
      throw new CheckpointException(path + ": " + difference.get());
    }
    PreparedFile file = new PreparedFile(path, stored.tensors(), metadata);
    if (file.begin % ALIGNMENT != 0
        || file.checksums.size() != ChunkChecksums.count(file.bytes - file.begin)) {
      throw new CheckpointException(path + ": its header is damaged");
    }
    return file;
  }

  private static long offset(StoredTensor tensor) {
    return tensor.fileOffset().orElseThrow();
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Its size in bytes. */
  public long bytes() {
    return bytes;
  }

  /** The type that most bytes of its tensors have. */
  public Dtype commonest() {
    Map<Dtype, Long> bytesOf =
        tensors.values().stream()
            .filter(tensor -> !tensor.name().startsWith(PADDING))
            .collect(
                Collectors.groupingBy(
                    StoredTensor::dtype,
                    () -> new EnumMap<>(Dtype.class),
                    Collectors.summingLong(StoredTensor::bytes)));
    return bytesOf.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(Dtype.I8);
  }

  /** Whether it has a tensor of this name. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /**
   * The description of a tensor.
   *
   * @throws CheckpointException if there is none of this name, or it is not aligned
   */
  public StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException(path + ": it has no " + name + ", which is needed here");
    }
    if (offset(tensor) % ALIGNMENT != 0) {
      throw new CheckpointException(path + ": " + name + " is not aligned");
    }
    return tensor;
  }

  /**
   * Compares the bytes of the tensors with their checksums, on several threads.
   *
   * @param memory the bytes of the file; parts are asked for on this thread
   * @throws CheckpointException if the file is damaged
   */
  public void requireUndamaged(Memory memory) {
    List<ByteBuffer> chunks = new ArrayList<>();
    for (long from = begin; from < bytes; from += ChunkChecksums.CHUNK_BYTES) {
      chunks.add(
          memory.part(from, Math.toIntExact(Math.min(ChunkChecksums.CHUNK_BYTES, bytes - from))));
    }
    requireChecksums(chunks.parallelStream().map(ChunkChecksums::of).toList());
  }

  /**
   * Compares checksums of the tensors' bytes with those in the header.
   *
   * @throws CheckpointException if they differ
   */
  void requireChecksums(List<String> found) {
    if (!found.equals(checksums)) {
      throw new CheckpointException(path + ": its bytes differ from their checksum, it is damaged");
    }
  }

  /** Where the tensors begin, in bytes. */
  long begin() {
    return begin;
  }
}
