package dev.utter.producer.command;

import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Reports a failure in one line; the stack trace goes to the log at DEBUG. */
public final class FailureMessage implements IExecutionExceptionHandler {
  private static final Logger LOGGER = LoggerFactory.getLogger(FailureMessage.class);

  @Override
  public int handleExecutionException(
      Exception thrown, CommandLine commandLine, ParseResult parseResult) {
    LOGGER.atDebug().setCause(thrown).log("Command failed");
    List<String> reasons = new ArrayList<>();
    for (Throwable cause = failure(thrown); cause != null; cause = cause.getCause()) {
      String reason = describe(cause);
      if (reasons.stream().noneMatch(said -> said.contains(reason))) {
        reasons.add(reason);
      }
    }
    commandLine.getErr().println("utter: " + String.join(": ", reasons));
    return commandLine.getCommandSpec().exitCodeOnExecutionException();
  }

  private static Throwable failure(Exception thrown) {
    boolean wraps = thrown instanceof ExecutionException || thrown instanceof UncheckedIOException;
    return wraps && thrown.getCause() != null ? thrown.getCause() : thrown;
  }

  private static String describe(Throwable failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file: " + failure.getMessage();
    }
    return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
  }
}
