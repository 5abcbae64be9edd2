package dev.utter.benchmarks.profile.trace;

import java.util.Locale;

/** Categories of GPU kernels by name, for kernels of operators that serve several categories. */
public final class Kernels {

  private Kernels() {}

  /** The usual category of a kernel of this name. */
  public static Category usual(String name) {
    String small = name.toLowerCase(Locale.ROOT);
    if (hasOneOf(small, "gemm", "gemv", "cutlass", "cublas", "nvjet", "splitk")) {
      return Category.MATMUL;
    }
    if (hasOneOf(small, "fmha", "flash", "attention")) {
      return Category.ATTENTION;
    }
    if (hasOneOf(small, "topk", "sort", "argmax")) {
      return Category.SAMPLING;
    }
    // Checked before norms, because the name of a copy contains its types.
    if (hasOneOf(small, "copy", "catarray", "index_put")) {
      return Category.COPIES;
    }
    if (hasOneOf(small, "softmax")) {
      return Category.ATTENTION;
    }
    return hasOneOf(small, "norm", "hypot") ? Category.NORM : Category.OTHER;
  }

  private static boolean hasOneOf(String name, String... parts) {
    for (String part : parts) {
      if (name.contains(part)) {
        return true;
      }
    }
    return false;
  }
}
