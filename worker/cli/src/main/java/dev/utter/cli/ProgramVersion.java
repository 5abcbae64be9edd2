package dev.utter.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest, or "development" when the program runs from class files. */
public final class ProgramVersion implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version =
        Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
            .orElse("development");
    return new String[] {
      "utter " + version + ", Java " + System.getProperty("java.version"),
    };
  }
}
