package dev.utter.worker.trace.otel;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Passes what the SDK logs with the JDK's logging on to the worker's log. The SDK limits how often
 * it repeats that an export failed.
 */
final class SdkLog extends Handler {
  private static final org.slf4j.Logger LOGGER = LoggerFactory.getLogger(SdkLog.class);

  /** Held, for the JDK forgets the settings of a logger that nobody holds. */
  private static final Logger SDK = Logger.getLogger("io.opentelemetry");

  private SdkLog() {}

  static synchronized void attach() {
    for (Handler handler : SDK.getHandlers()) {
      if (handler instanceof SdkLog) {
        return;
      }
    }
    SDK.setUseParentHandlers(false);
    SDK.addHandler(new SdkLog());
  }

  @Override
  public void publish(LogRecord line) {
    LoggingEventBuilder builder =
        line.getLevel().intValue() >= Level.WARNING.intValue() ? LOGGER.atWarn() : LOGGER.atDebug();
    Throwable cause = line.getThrown();
    if (cause != null) {
      builder = builder.addKeyValue("error", cause.toString());
    }
    builder.addKeyValue("message", line.getMessage()).log("Traces: the SDK reports");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
