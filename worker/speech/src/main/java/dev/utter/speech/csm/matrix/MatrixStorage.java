package dev.utter.speech.csm.matrix;

/**
 * The ways {@code csm/matrices.py} stores a matrix. The program names them {@code STORAGE_NAME}.
 */
public enum MatrixStorage {
  /** The activations' type, row by row. */
  PLAIN(0),
  PACKED_FLOAT16(1),
  PACKED_INT8(2),
  PLAIN_FLOAT16(3),
  PLAIN_INT8(4),
  CPU_INT8(5),
  CPU_INT4(6);

  /**
   * libtorch's kernel of {@link #PLAIN_INT8} reads the inputs in blocks of this size. With AVX-512
   * it reads beyond the end of a row whose width is not a multiple.
   */
  public static final int PLAIN_INT8_BLOCK = 16;

  private final int code;

  MatrixStorage(int code) {
    this.code = code;
  }

  /** The number that the program knows it by. */
  public int code() {
    return code;
  }

  /** Whether libtorch keeps the numbers in an object that cannot be written to a file. */
  public boolean isOpaque() {
    return this == PACKED_FLOAT16 || this == PACKED_INT8;
  }

  /** Whether the program keeps the transposed view of the numbers. */
  public boolean isTransposed() {
    return this == PLAIN || this == PLAIN_FLOAT16;
  }

  /** Whether matrices with this number of inputs can be stored so. */
  public boolean takes(long inputs) {
    return this != PLAIN_INT8 || inputs % PLAIN_INT8_BLOCK == 0;
  }
}
