package dev.utter.worker.rules;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** Bounds of settings. Each error names the setting, its value and the rule. */
public final class SettingRules {
  private SettingRules() {}

  /**
   * At least 1.
   *
   * @throws IllegalArgumentException if it is less
   */
  public static void requireAtLeast1(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }

  /**
   * At least 0.
   *
   * @throws IllegalArgumentException if it is less
   */
  public static void requireNotNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
  }

  /**
   * Above 0.
   *
   * @throws IllegalArgumentException if it is not
   */
  public static void requirePositive(String name, Duration value) {
    if (requireNonNull(value, name + " is null").isNegative() || value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", must be above 0");
    }
  }
}
