package dev.utter.chaos;

import dev.utter.chaos.process.Program;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A run in which two versions work side by side. */
@Command(
    name = "upgrade",
    description = {
      "Two workers of another version are upgraded to this one and rolled back, one at a time and"
          + " under load, with kills while both versions run; in three minutes.",
      "Prepare the other version in a source tree: git worktree add ../other COMMIT, and ./utter"
          + " build there."
    },
    exitCodeList = {
      "0:every promise held",
      "1:a promise was broken",
      "2:wrong command line",
      "3:the run could not be done"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class UpgradeCommand implements Callable<Integer> {
  @Mixin private RunOptions options;

  @Option(
      names = "--other",
      paramLabel = "DIR",
      required = true,
      description = "Source tree of the other version, with its programs built.")
  private Path other;

  @Option(
      names = "--other-settings",
      paramLabel = "FILE",
      description =
          "Settings file of the other version, where its settings differ; docs/upgrade.md has the"
              + " names for what differs between workers.")
  private Path otherSettings;

  @Override
  public Integer call() throws Exception {
    return Judgement.exitCode(
        options.run(
            ChaosSettings.upgrade(
                options.seed(),
                Program.of(other, Optional.ofNullable(otherSettings)),
                RunOptions.model(),
                options.out("upgrade-" + options.seed()))));
  }
}
