package dev.utter.benchmarks.profile.trace;

import dev.utter.benchmarks.profile.trace.CallTree.Node;
import java.util.Map;
import java.util.Optional;

/**
 * What the time of a call, without the calls below it, is spent for. The first rule that fits
 * decides:
 *
 * <ol>
 *   <li>a function of the program itself: {@link #PROGRAM};
 *   <li>an operator that only makes a view: {@link #VIEWS};
 *   <li>an operator that only moves numbers or changes their type: {@link #COPIES}, wherever it is
 *       called;
 *   <li>a call at any depth within one of the functions listed below: the category of that
 *       function. So a batched product within {@code attend} is attention, a division within {@code
 *       norm} is norm;
 *   <li>otherwise, the operator's name: products of two matrices are matmul, of batches of them
 *       attention, and so on.
 * </ol>
 */
public enum Category {
  ATTENTION,
  MATMUL,
  NORM,
  SAMPLING,
  COPIES,
  /** Elementwise work, look-ups, allocations. */
  OTHER,
  VIEWS,
  /** Time of the interpreter between two operators. */
  PROGRAM;

  /** Functions of {@code csm.py} and its parts that serve one purpose. */
  private static final Map<String, Category> FUNCTIONS =
      Map.of(
          "attend", ATTENTION,
          "attend_once", ATTENTION,
          "product", MATMUL,
          "norm", NORM,
          "sample", SAMPLING,
          "codebook_noise", SAMPLING);

  public static Category of(Node node) {
    if (node.call().isFunction()) {
      return PROGRAM;
    }
    if (Operators.isView(node.call())) {
      return VIEWS;
    }
    if (Operators.isCopy(node.call())) {
      return COPIES;
    }
    Optional<Node> outer = node.caller();
    while (outer.isPresent()) {
      Category purpose = FUNCTIONS.get(outer.get().call().name());
      if (purpose != null) {
        return purpose;
      }
      outer = outer.get().caller();
    }
    return Operators.usual(node.call());
  }
}
