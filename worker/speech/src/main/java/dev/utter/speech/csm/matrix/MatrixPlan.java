package dev.utter.speech.csm.matrix;

import java.util.List;

/**
 * How one matrix is stored, and its kernels.
 *
 * @param storage the storage
 * @param oneRow kernel for 1 row
 * @param fewRows kernel for 2 rows up to {@link #MANY_ROWS}, exclusive
 * @param manyRows kernel for {@link #MANY_ROWS} rows and more
 */
public record MatrixPlan(
    MatrixStorage storage, MatrixKernel oneRow, MatrixKernel fewRows, MatrixKernel manyRows) {

  /** Number of kernels of a plan. */
  public static final int ROW_RANGES = 3;

  /** From this number of rows on, they are many. */
  public static final int MANY_ROWS = 16;

  /** One kernel for every number of rows. */
  public static MatrixPlan of(MatrixStorage storage, MatrixKernel kernel) {
    return new MatrixPlan(storage, kernel, kernel, kernel);
  }

  /** The argument of {@code add_matrix}. */
  public long[] codes() {
    return new long[] {storage.code(), oneRow.code(), fewRows.code(), manyRows.code()};
  }

  /** The storage and the kernels, for logs and benchmark results. */
  @Override
  public String toString() {
    return storage + " " + List.of(oneRow, fewRows, manyRows);
  }
}
