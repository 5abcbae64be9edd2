package dev.utter.cli.command;

/** What the program's exit status means, for every command. */
public final class ExitCodes {
  /** It worked, and every check held. */
  public static final int OK = 0;

  /** It worked, and the answer is no: a mismatch, no mark found, an outcome not expected. */
  public static final int NO = 1;

  /** The command line or an input named by it is wrong. */
  public static final int USAGE = 2;

  /** It could not be done: something needed is missing, unreachable or broken. */
  public static final int FAILED = 3;

  private ExitCodes() {}
}
