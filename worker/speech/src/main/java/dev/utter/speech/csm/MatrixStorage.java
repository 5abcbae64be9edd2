package dev.utter.speech.csm;

import static dev.utter.speech.csm.MatrixKernel.BMM_PARTS;
import static dev.utter.speech.csm.MatrixKernel.MM;
import static dev.utter.speech.csm.MatrixKernel.MM_TRANSPOSED;

import java.util.List;

/**
 * The ways {@code csm/matrices.py} stores a matrix, each with the kernels that can use it. The
 * first kernel of a list is the fixed choice. The program names them {@code STORAGE_NAME}.
 */
enum MatrixStorage {
  /** The activations' type, row by row. */
  PLAIN(0, List.of(MM, MM_TRANSPOSED, BMM_PARTS), List.of(MM_TRANSPOSED, MM, BMM_PARTS)),
  PACKED_FLOAT16(1, MatrixKernel.PACKED_FLOAT16),
  PACKED_INT8(2, MatrixKernel.PACKED_INT8),
  PLAIN_FLOAT16(3, MatrixKernel.PLAIN_FLOAT16),
  PLAIN_INT8(4, MatrixKernel.PLAIN_INT8),
  CPU_INT8(5, MatrixKernel.CPU_INT8);

  /**
   * libtorch's kernel of {@link #PLAIN_INT8} reads the inputs in blocks of this size. With AVX-512
   * it reads beyond the end of a row whose width is not a multiple.
   */
  static final int PLAIN_INT8_BLOCK = 16;

  private final int code;
  private final List<MatrixKernel> oneRow;
  private final List<MatrixKernel> fewRows;

  MatrixStorage(int code, MatrixKernel kernel) {
    this(code, List.of(kernel), List.of(kernel));
  }

  MatrixStorage(int code, List<MatrixKernel> oneRow, List<MatrixKernel> fewRows) {
    this.code = code;
    this.oneRow = oneRow;
    this.fewRows = fewRows;
  }

  int code() {
    return code;
  }

  /** Kernels for one row. */
  List<MatrixKernel> oneRow() {
    return oneRow;
  }

  /** Kernels for a few rows. */
  List<MatrixKernel> fewRows() {
    return fewRows;
  }

  /** Whether matrices with this number of inputs can be stored so. */
  boolean takes(long inputs) {
    return this != PLAIN_INT8 || inputs % PLAIN_INT8_BLOCK == 0;
  }
}
