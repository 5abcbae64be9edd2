package dev.utter.producer;

import picocli.CommandLine;

/** Runs {@link ProduceCommand} as a program of its own. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ProduceCommand()).execute(arguments));
  }
}
