package dev.utter.worker.telemetry.log;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import dev.utter.worker.threads.NamedThreads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file with levels of the log, which is read again every two seconds. Each line is {@code LEVEL},
 * for the worker's own loggers, or {@code LOGGER=LEVEL}; a line that begins with {@code #} is
 * ignored. What the file does not name has the level that it had at start, and so has everything
 * while there is no file. A file with a wrong line changes nothing.
 *
 * <p>Threading: {@link #look} on one thread at a time, the rest from any.
 */
public final class LogLevelFile implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(LogLevelFile.class);
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String OURS = "dev.utter";
  private static final long MAX_BYTES = 65_536;

  private static final Set<String> LEVELS =
      Set.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE");

  private final Path file;
  private final LoggerContext context;
  private final Map<String, Optional<Level>> before = new HashMap<>();
  private final NamedThreads threads = NamedThreads.daemons("utter-log-levels");
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(threads);
  private Optional<String> last = Optional.empty();

  LogLevelFile(Path file, LoggerContext context) {
    this.file = requireNonNull(file, "file is null");
    this.context = requireNonNull(context, "context is null");
  }

  /**
   * Begins to watch a file, which need not exist.
   *
   * @throws IllegalStateException if the program does not log with Logback
   */
  public static LogLevelFile watch(Path file) {
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      throw new IllegalStateException("log.levelFile needs Logback, and another library logs");
    }
    LogLevelFile levels = new LogLevelFile(file, context);
    levels.timer.scheduleWithFixedDelay(
        levels::look, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    return levels;
  }

  /** Reads the file, and applies it if it has changed. */
  void look() {
    try {
      Optional<String> content = read();
      if (!content.equals(last)) {
        last = content;
        apply(content.map(LogLevelFile::parse).orElse(Map.of()));
      }
    } catch (IOException | IllegalArgumentException e) {
      LOGGER
          .atWarn()
          .addKeyValue("file", file)
          .addKeyValue("reason", e.getMessage())
          .log("Levels of the log stay as they are");
    }
  }

  private Optional<String> read() throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("it has more than " + MAX_BYTES + " bytes");
    }
    return Optional.of(Files.readString(file));
  }

  private static Map<String, Level> parse(String content) {
    Map<String, Level> levels = new LinkedHashMap<>();
    content
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .forEach(
            line -> {
              int equals = line.indexOf('=');
              String logger = equals < 0 ? OURS : line.substring(0, equals).strip();
              String level = line.substring(equals + 1).strip().toUpperCase(Locale.ROOT);
              if (logger.isEmpty() || !LEVELS.contains(level)) {
                throw new IllegalArgumentException(
                    "a line is \"" + line + "\", must be LEVEL or LOGGER=LEVEL");
              }
              levels.put(logger, Level.valueOf(level));
            });
    return levels;
  }

  private void apply(Map<String, Level> levels) {
    before.forEach((name, level) -> set(name, level.orElse(null)));
    levels.forEach(
        (name, level) -> {
          before.computeIfAbsent(
              name, logger -> Optional.ofNullable(context.getLogger(logger).getLevel()));
          set(name, level);
        });
    LOGGER.atInfo().addKeyValue("levels", levels).log("Levels of the log changed");
  }

  private void set(String logger, @Nullable Level level) {
    context.getLogger(logger).setLevel(level);
  }

  /** Stops to watch; the levels stay. */
  @Override
  public void close() {
    timer.shutdownNow();
    threads.join(PATIENCE);
  }
}
