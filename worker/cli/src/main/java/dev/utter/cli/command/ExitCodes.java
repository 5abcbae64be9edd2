package dev.utter.cli.command;

/** Exit statuses of all commands. */
public final class ExitCodes {
  /** Success; every check passed. */
  public static final int OK = 0;

  /** The command ran, and the answer is no: a mismatch, no mark found, an unexpected outcome. */
  public static final int NO = 1;

  /** The command line, or an input that it names, is wrong. */
  public static final int USAGE = 2;

  /** The command could not run: a dependency is missing, unreachable or broken. */
  public static final int FAILED = 3;

  private ExitCodes() {}
}
