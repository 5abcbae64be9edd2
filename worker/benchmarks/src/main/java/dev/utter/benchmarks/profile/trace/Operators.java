package dev.utter.benchmarks.profile.trace;

import java.util.Set;

/** Categories of libtorch's operators by name, without namespace. */
final class Operators {

  /** Views of the same memory, and operators that only call others: no kernel runs. */
  private static final Set<String> VIEWS =
      Set.of(
          "_conj",
          "_reshape_alias",
          "_unsafe_view",
          "alias",
          "as_strided",
          "chunk",
          "contiguous",
          "detach",
          "expand",
          "expand_as",
          "flatten",
          "narrow",
          "permute",
          "reshape",
          "resolve_conj",
          "resolve_neg",
          "select",
          "slice",
          "split",
          "split_with_sizes",
          "squeeze",
          "t",
          "transpose",
          "unbind",
          "unfold",
          "unsqueeze",
          "view",
          "view_as",
          "view_as_complex",
          "view_as_real");

  /** Memory is allocated, not written. */
  private static final Set<String> ALLOCATIONS =
      Set.of("empty", "empty_like", "empty_strided", "new_empty", "resize_", "set_");

  /** Numbers are moved or change their type; no values are computed. */
  private static final Set<String> COPIES =
      Set.of(
          "_index_put_impl_",
          "_to_copy",
          "cat",
          "clone",
          "copy_",
          "index_copy_",
          "index_put_",
          "repeat",
          "repeat_interleave",
          "stack",
          "to");

  /** In a call of a whole layer, attention takes little time compared with the matrix products. */
  private static final Set<String> MATRIX_PRODUCTS =
      Set.of(
          "_int_mm",
          "_scaled_mm",
          "_weight_int8pack_mm",
          "addmm",
          "post_attention_packed",
          "decoder_layer_packed",
          "linear",
          "matmul",
          "mm");

  private static final Set<String> ATTENTION =
      Set.of(
          "_softmax",
          "baddbmm",
          "bmm",
          "decode_attention",
          "scaled_dot_product_attention",
          "softmax");

  private static final Set<String> NORMS =
      Set.of("hypot", "layer_norm", "linalg_vector_norm", "rms_norm");

  private static final Set<String> SAMPLING = Set.of("argmax", "sort", "topk");

  private Operators() {}

  /** Whether a kernel runs: true for an operator that is neither a view nor an allocation. */
  static boolean works(Call call) {
    return !call.isFunction() && !isView(call) && !ALLOCATIONS.contains(name(call));
  }

  static boolean isView(Call call) {
    return VIEWS.contains(name(call));
  }

  static boolean isCopy(Call call) {
    return COPIES.contains(name(call));
  }

  /** The category of an operator by its name alone. */
  static Category usual(Call call) {
    String name = name(call);
    if (MATRIX_PRODUCTS.contains(name)
        || name.endsWith("linear_packed")
        || call.name().startsWith("quantized::")) {
      return Category.MATMUL;
    }
    if (ATTENTION.contains(name) || name.startsWith("_scaled_dot_product")) {
      return Category.ATTENTION;
    }
    if (NORMS.contains(name)) {
      return Category.NORM;
    }
    return SAMPLING.contains(name) ? Category.SAMPLING : Category.OTHER;
  }

  private static String name(Call call) {
    return call.name().substring(call.name().lastIndexOf(':') + 1);
  }
}
