package dev.utter.cli;

import dev.utter.cli.command.ExitCodes;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Reports a failure in one line; the stack trace goes to the log at DEBUG. */
final class FailureMessage implements IExecutionExceptionHandler {
  private static final Logger LOGGER = LoggerFactory.getLogger(FailureMessage.class);

  @Override
  public int handleExecutionException(
      Exception thrown, CommandLine commandLine, ParseResult parseResult) {
    LOGGER.atDebug().setCause(thrown).log("Command failed");
    Throwable failure =
        (thrown instanceof ExecutionException || thrown instanceof UncheckedIOException)
                && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    StringBuilder message = new StringBuilder("utter: ").append(describe(failure));
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      String description = describe(cause);
      if (message.indexOf(description) < 0) {
        message.append(": ").append(description);
      }
    }
    commandLine.getErr().println(message);
    return ExitCodes.FAILED;
  }

  private static String describe(Throwable failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file: " + failure.getMessage();
    }
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }
}
