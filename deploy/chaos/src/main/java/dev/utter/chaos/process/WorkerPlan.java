package dev.utter.chaos.process;

import java.util.List;

/**
 * Name, roles and slots of a worker.
 *
 * @param name name, kept over restarts
 * @param roles roles, as in the settings
 * @param slots utterances generated at the same time
 */
public record WorkerPlan(String name, List<String> roles, int slots) {
  /** Every role. */
  public static final List<String> ALL =
      List.of("ADMISSION", "SYNTHESIS", "VERIFICATION", "STATUS");

  /** Every role except synthesis. */
  public static final List<String> FRONT = List.of("ADMISSION", "VERIFICATION", "STATUS");

  /** Synthesis only. */
  public static final List<String> SYNTHESIS = List.of("SYNTHESIS");

  /** Whether it has the role SYNTHESIS. */
  boolean speaks() {
    return roles.contains("SYNTHESIS");
  }
}
