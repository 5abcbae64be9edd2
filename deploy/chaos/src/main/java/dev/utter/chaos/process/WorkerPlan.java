package dev.utter.chaos.process;

import java.util.List;

/**
 * What a worker is.
 *
 * @param name that it keeps over restarts
 * @param roles as in its settings
 * @param slots utterances at a time
 */
public record WorkerPlan(String name, List<String> roles, int slots) {
  /** Every role. */
  public static final List<String> ALL =
      List.of("ADMISSION", "SYNTHESIS", "VERIFICATION", "STATUS");

  /** Every role but the one that speaks. */
  public static final List<String> FRONT = List.of("ADMISSION", "VERIFICATION", "STATUS");

  /** The role that speaks. */
  public static final List<String> SYNTHESIS = List.of("SYNTHESIS");

  /** Whether it speaks. */
  public boolean speaks() {
    return roles.contains("SYNTHESIS");
  }
}
