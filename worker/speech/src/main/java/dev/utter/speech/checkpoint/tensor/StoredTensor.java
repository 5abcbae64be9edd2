package dev.utter.speech.checkpoint.tensor;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * One tensor of a checkpoint: its header, and its elements on demand.
 *
 * <p>Elements are row-major and little-endian. Nothing is read before {@link #data()}. Immutable
 * and safe for use by several threads.
 */
public final class StoredTensor {

  private static final long PART_BYTES = 1 << 20;

  /** Kept, because Java frees memory outside its heap late. */
  private static final ThreadLocal<ByteBuffer> PART =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(Math.toIntExact(PART_BYTES)));

  private final Path file;
  private final String name;
  private final Dtype dtype;
  private final Shape shape;
  private final TensorElements elements;

  /**
   * Describes a tensor.
   *
   * @param file where it is stored, for error messages
   * @param name its name in the checkpoint
   * @param dtype its element type
   * @param shape its shape
   * @param elements its elements
   */
  public StoredTensor(Path file, String name, Dtype dtype, Shape shape, TensorElements elements) {
    this.file = requireNonNull(file, "file is null");
    this.name = requireNonNull(name, "name is null");
    this.dtype = requireNonNull(dtype, "dtype is null");
    this.shape = requireNonNull(shape, "shape is null");
    this.elements = requireNonNull(elements, "elements is null");
  }

  /** The file that holds the tensor. */
  public Path file() {
    return file;
  }

  /** The tensor's name. */
  public String name() {
    return name;
  }

  /** The type of the stored elements. */
  public Dtype dtype() {
    return dtype;
  }

  /** The tensor's shape. */
  public Shape shape() {
    return shape;
  }

  /** Size of the stored elements in bytes. */
  public long bytes() {
    return shape.size() * dtype.bytes();
  }

  /**
   * Opens the elements, by memory map where the file allows it. The map lives as long as the
   * returned buffer is reachable.
   *
   * @throws CheckpointException if the file cannot be read
   */
  public ByteBuffer data() {
    return elements.open().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Copies the tensor into native memory owned by the returned array; the file is no longer needed
   * afterwards. Floating-point numbers of every stored type become FLOAT32; other types are
   * unchanged. The caller closes the array, or its manager does.
   *
   * @param manager the array's owner, which also decides the device
   * @throws CheckpointException if the file cannot be read
   */
  public NDArray toNDArray(NDManager manager) {
    if (elements.readsParts() && dtype == Dtype.F32) {
      NDArray array = manager.create(shape, DataType.FLOAT32);
      try (NDArray flat = array.reshape(-1)) {
        readInParts(flat, 0);
      }
      return array;
    }
    ByteBuffer source = elements.open();
    boolean widened = dtype.isFloating() && dtype != Dtype.F32;
    ByteBuffer buffer = widened ? FloatConversion.toFloat32(source, dtype) : source;
    DataType type = dtype.isFloating() ? DataType.FLOAT32 : dtype.dataType();
    // An array made from a Java buffer borrows the buffer's memory. A module may keep the array
    // after Java has freed the buffer; libtorch would then read freed memory. Hence the copy.
    try (NDArray borrowed = manager.create(buffer, shape, type)) {
      return borrowed.duplicate();
    }
  }

  /**
   * Tensors one below the other, read into one array of their rows without being held twice; owned
   * and typed as in {@link #toNDArray}.
   *
   * @param tensors at least one; all but the first dimension are equal
   */
  public static NDArray joined(NDManager manager, List<StoredTensor> tensors) {
    long rows = tensors.stream().mapToLong(tensor -> tensor.shape.get(0)).sum();
    NDArray array =
        manager.create(new Shape(rows).addAll(tensors.get(0).shape.slice(1)), DataType.FLOAT32);
    try (NDArray flat = array.reshape(-1)) {
      long at = 0;
      for (StoredTensor tensor : tensors) {
        tensor.readInto(flat, at);
        at += tensor.shape.size();
      }
    }
    return array;
  }

  private void readInto(NDArray flat, long at) {
    if (elements.readsParts() && dtype == Dtype.F32) {
      readInParts(flat, at);
    } else {
      try (NDArray whole = toNDArray(flat.getManager());
          NDArray numbers = whole.reshape(-1)) {
        flat.set(new NDIndex("{}:{}", at, at + shape.size()), numbers);
      }
    }
  }

  /**
   * Reads part by part: a map of the whole tensor would keep its pages in memory beside the copy,
   * for as long as Java does not collect it.
   */
  private void readInParts(NDArray flat, long at) {
    ByteBuffer part = PART.get();
    for (long from = 0; from < bytes(); from += PART_BYTES) {
      part.clear().limit(Math.toIntExact(Math.min(PART_BYTES, bytes() - from)));
      elements.read(from, part);
      part.flip();
      long begin = at + from / Float.BYTES;
      Shape size = new Shape(part.remaining() / Float.BYTES);
      try (NDArray numbers = flat.getManager().create(part, size, DataType.FLOAT32)) {
        flat.set(new NDIndex("{}:{}", begin, begin + size.size()), numbers);
      }
    }
  }

  /**
   * Where the elements lie in a file as they are, so that they can be used without a copy: in bytes
   * from its beginning; nothing if they have to be computed.
   *
   * @throws CheckpointException if the file is shorter than it was
   */
  public OptionalLong fileOffset() {
    if (!(elements instanceof FileElements inFile)) {
      return OptionalLong.empty();
    }
    inFile.requireWhole();
    return OptionalLong.of(inFile.position());
  }

  /** Whether another tensor has the same elements at the same place. */
  public boolean isStoredWith(StoredTensor other) {
    return elements.equals(other.elements);
  }

  /**
   * Whether another tensor holds the same numbers; reads both unless they are stored at the same
   * place.
   */
  public boolean holdsSame(StoredTensor other) {
    if (dtype != other.dtype || !shape.equals(other.shape)) {
      return false;
    }
    if (isStoredWith(other)) {
      return true;
    }
    int partBytes = Math.toIntExact(Math.min(bytes(), PART_BYTES));
    ByteBuffer mine = ByteBuffer.allocateDirect(partBytes);
    ByteBuffer theirs = ByteBuffer.allocateDirect(partBytes);
    boolean same = true;
    for (long from = 0; same && from < bytes(); from += partBytes) {
      int length = Math.toIntExact(Math.min(partBytes, bytes() - from));
      elements.read(from, mine.clear().limit(length));
      other.elements.read(from, theirs.clear().limit(length));
      same = mine.flip().equals(theirs.flip());
    }
    return same;
  }

  /** Writes the elements, part by part where they can be read so. */
  void writeTo(WritableByteChannel channel) throws IOException {
    if (!elements.readsParts()) {
      write(data(), channel);
      return;
    }
    ByteBuffer part = PART.get();
    for (long from = 0; from < bytes(); from += PART_BYTES) {
      part.clear().limit(Math.toIntExact(Math.min(PART_BYTES, bytes() - from)));
      elements.read(from, part);
      write(part.flip(), channel);
    }
  }

  private static void write(ByteBuffer bytes, WritableByteChannel channel) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The same tensor rounded to a floating-point type that is narrower than fp32, or itself. */
  public StoredTensor narrowedTo(Dtype narrow) {
    if (dtype == narrow) {
      return this;
    }
    if (dtype != Dtype.F32) {
      throw new IllegalArgumentException("cannot store " + this + " as " + narrow);
    }
    return new StoredTensor(file, name, narrow, shape, new NarrowedElements(elements, narrow));
  }

  /** The same tensor under another name. */
  public StoredTensor named(String other) {
    return new StoredTensor(file, other, dtype, shape, elements);
  }

  /** Rows {@code from} (inclusive) to {@code to} (exclusive) along the first dimension. */
  public StoredTensor rows(String other, long from, long to) {
    long rowBytes = bytes() / shape.get(0);
    Shape part = new Shape(to - from).addAll(shape.slice(1));
    return new StoredTensor(
        file, other, dtype, part, elements.part(from * rowBytes, (to - from) * rowBytes));
  }

  /** The same tensor with {@code rearrangement} applied to its elements. */
  public StoredTensor rearranged(UnaryOperator<ByteBuffer> rearrangement) {
    return new StoredTensor(
        file, name, dtype, shape, () -> rearrangement.apply(elements.open().duplicate()));
  }

  @Override
  public String toString() {
    return name + " " + dtype + shape;
  }
}
