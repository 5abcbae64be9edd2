package dev.utter.speech.csm.matrix;

/**
 * The kernels of matrix products in {@code csm/matrices.py}. The program names them {@code
 * KERNEL_NAME}.
 */
public enum MatrixKernel {
  /** {@code mm}. */
  MM(0),
  /** {@code mm} of the transposed operands: faster for a few rows in some libraries. */
  MM_TRANSPOSED(1),
  /** libtorch's packed 16-bit kernel. */
  PACKED_FLOAT16(2),
  /** libtorch's packed 8-bit kernel. */
  PACKED_INT8(3),
  /** {@code mm} in 16 bit. */
  PLAIN_FLOAT16(4),
  /** libtorch's unpacked 8-bit kernel. */
  PLAIN_INT8(5),
  /** The CPU operator for 8 bit. */
  CPU_INT8(6),
  /** The CPU operator for 32 bit. */
  CPU_FLOAT32(7),
  /** The CPU operator for 4 bit. */
  CPU_INT4(8);

  private final int code;

  MatrixKernel(int code) {
    this.code = code;
  }

  /** The number that the program knows it by. */
  public int code() {
    return code;
  }
}
