package dev.utter.speech.checkpoint.tensor;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads torch checkpoints: uncompressed zip archives of a pickled state dict ({@code data.pkl}) and
 * one record per storage ({@code data/N}), as {@code torch.save} has written them since torch 1.6.
 * Runs no code of the pickle, trusts no size in it, and reads a tensor's elements only when they
 * are asked for.
 */
public final class TorchZip {
  private static final String PICKLE = "/data.pkl";
  private static final long LARGEST_PICKLE = 64 << 20;

  private final Path file;

  private TorchZip(Path file) {
    this.file = file;
  }

  /**
   * Reads the tensors of a state dict.
   *
   * @return the tensors by their names in the file, in its order
   * @throws CheckpointException if the file is missing, damaged, or holds anything but tensors and
   *     plain values
   */
  public static Map<String, StoredTensor> read(Path file) {
    return new TorchZip(file).read();
  }

  private Map<String, StoredTensor> read() {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file + ": no such file");
    }
    try (ZipFile zip = new ZipFile(file.toFile())) {
      String root = root(zip);
      checkByteOrder(zip, root);
      Map<String, StoredTensor> tensors = new LinkedHashMap<>();
      StateDictPickle.read(content(zip, root + PICKLE, LARGEST_PICKLE))
          .forEach((name, tensor) -> tensors.put(name, stored(zip, root, name, tensor)));
      return tensors;
    } catch (StateDictPickle.RefusedException e) {
      throw new CheckpointException(file + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CheckpointException(
          file + ": not a torch zip checkpoint, or damaged: " + e.getMessage(), e);
    }
  }

  private String root(ZipFile zip) {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.lastIndexOf('/'))
        .findFirst()
        .map(name -> name.substring(0, name.length() - PICKLE.length()))
        .orElseThrow(
            () -> new CheckpointException(file + ": expected a record NAME/data.pkl, found none"));
  }

  private void checkByteOrder(ZipFile zip, String root) throws IOException {
    String name = root + "/byteorder";
    if (zip.getEntry(name) == null) {
      return;
    }
    String order = new String(content(zip, name, 16), StandardCharsets.US_ASCII);
    if (!order.equals("little")) {
      throw new CheckpointException(file + ": expected byte order 'little', found another");
    }
  }

  private StoredTensor stored(ZipFile zip, String root, String name, PickledTensor tensor) {
    PickledTensor.Storage storage = tensor.storage();
    String record = root + "/data/" + storage.key();
    ZipEntry entry = zip.getEntry(record);
    if (entry == null) {
      throw wrong(name, "a record " + record, "none");
    }
    checkUncompressed(entry);
    int width = storage.dtype().bytes();
    if (storage.elements() < 0
        || entry.getSize() % width != 0
        || storage.elements() != entry.getSize() / width) {
      throw wrong(
          name,
          storage.elements() + " elements of " + storage.dtype() + " in " + record,
          entry.getSize() + " bytes");
    }
    checkView(name, tensor);
    return new StoredTensor(
        file,
        name,
        storage.dtype(),
        new Shape(tensor.shape()),
        () -> elements(record, name, tensor));
  }

  private void checkView(String name, PickledTensor tensor) {
    long elements = 1;
    long last = tensor.offset();
    boolean inside = tensor.offset() >= 0 && tensor.shape().length == tensor.strides().length;
    try {
      for (int i = 0; inside && i < tensor.shape().length; i++) {
        long size = tensor.shape()[i];
        long stride = tensor.strides()[i];
        inside = size >= 0 && stride >= 0;
        elements = Math.multiplyExact(elements, size);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, size - 1), stride));
      }
    } catch (ArithmeticException e) {
      inside = false;
    }
    long present = tensor.storage().elements();
    if (!inside || elements > present || (elements > 0 && last >= present)) {
      throw wrong(
          name,
          "a view within " + present + " elements",
          "offset %d, shape %s, strides %s"
              .formatted(tensor.offset(), new Shape(tensor.shape()), new Shape(tensor.strides())));
    }
    if (elements * tensor.storage().dtype().bytes() > Integer.MAX_VALUE) {
      throw wrong(name, "a tensor of at most " + Integer.MAX_VALUE + " bytes", elements);
    }
  }

  /** The view's elements in row-major order. */
  private ByteBuffer elements(String record, String name, PickledTensor tensor) {
    int width = tensor.storage().dtype().bytes();
    int elements = Math.toIntExact(new Shape(tensor.shape()).size());
    long first = tensor.offset() * width;
    long span = elements == 0 ? 0 : (lastIndex(tensor) - tensor.offset() + 1) * width;
    try (ZipFile zip = new ZipFile(file.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(record))) {
      in.skipNBytes(first);
      byte[] bytes = in.readNBytes(Math.toIntExact(span));
      if (bytes.length < span) {
        throw wrong(name, span + " bytes", bytes.length + ", file truncated");
      }
      ByteBuffer ordered =
          ByteBuffer.allocateDirect(elements * width).order(ByteOrder.LITTLE_ENDIAN);
      gather(tensor, width, bytes, 0, 0, ordered);
      return ordered.flip();
    } catch (IOException e) {
      throw new CheckpointException(
          file + ": tensor " + name + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void gather(
      PickledTensor tensor, int width, byte[] bytes, int dimension, long at, ByteBuffer out) {
    if (isContiguousFrom(tensor, dimension)) {
      int length = Math.toIntExact(elementsFrom(tensor, dimension) * width);
      out.put(bytes, Math.toIntExact(at * width), length);
      return;
    }
    for (long i = 0; i < tensor.shape()[dimension]; i++) {
      gather(tensor, width, bytes, dimension + 1, at + i * tensor.strides()[dimension], out);
    }
  }

  private static long elementsFrom(PickledTensor tensor, int dimension) {
    long elements = 1;
    for (int i = dimension; i < tensor.shape().length; i++) {
      elements *= tensor.shape()[i];
    }
    return elements;
  }

  private static boolean isContiguousFrom(PickledTensor tensor, int dimension) {
    long expected = 1;
    for (int i = tensor.shape().length - 1; i >= dimension; i--) {
      if (tensor.shape()[i] != 1 && tensor.strides()[i] != expected) {
        return false;
      }
      expected *= tensor.shape()[i];
    }
    return true;
  }

  private static long lastIndex(PickledTensor tensor) {
    long last = tensor.offset();
    for (int i = 0; i < tensor.shape().length; i++) {
      last += (tensor.shape()[i] - 1) * tensor.strides()[i];
    }
    return last;
  }

  private byte[] content(ZipFile zip, String name, long maxBytes) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    checkUncompressed(entry);
    if (entry.getSize() > maxBytes) {
      throw new CheckpointException(
          file
              + ": record "
              + name
              + " has "
              + entry.getSize()
              + " bytes, must be at most "
              + maxBytes);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readNBytes(Math.toIntExact(entry.getSize()));
    }
  }

  /** torch never compresses: a compressed record is a zip bomb, or not written by torch. */
  private void checkUncompressed(ZipEntry entry) {
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
      throw new CheckpointException(
          file + ": record " + entry.getName() + " is compressed, must be stored as it is");
    }
  }

  private CheckpointException wrong(String tensor, Object expected, Object found) {
    return CheckpointException.tensor(file, tensor, expected, found);
  }
}
