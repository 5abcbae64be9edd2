package dev.utter.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class HealthLogTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Logger logger = (Logger) LoggerFactory.getLogger(HealthLog.class);
  private final Level level = logger.getLevel();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Map<String, Optional<String>> parts = new LinkedHashMap<>();
  private Optional<String> broken = Optional.empty();
  private long now;
  private final HealthLog log = new HealthLog(health(), () -> now);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(level);
  }

  @Test
  void theReasonWhyAPartIsNotReadyIsLoggedOnceAndItsReturnToo() {
    // When
    parts.put("storage", Optional.of("s3.internal refuses the key"));
    lookFor(Duration.ofMinutes(5));
    parts.put("storage", Optional.empty());
    lookFor(Duration.ofMinutes(5));

    // Then
    assertThat(logged())
        .containsExactly(
            "Part of the worker is not ready part=storage reason=s3.internal refuses the key",
            "Part of the worker is ready again part=storage");
  }

  @Test
  void whatPassesWithinSecondsIsNotLogged() {
    // When
    parts.put("storage", Optional.of("not tried yet"));
    lookFor(HealthLog.SETTLED.minus(SECOND));
    parts.clear();
    lookFor(HealthLog.SETTLED.multipliedBy(2));

    // Then
    assertThat(logged()).isEmpty();
  }

  @Test
  void aReasonThatChangesAllTheTimeIsLoggedNowAndThen() {
    // When
    for (int second = 0; second < 300; second++) {
      parts.put("kafka", Optional.of("no answer for " + second + " s"));
      lookFor(SECOND);
    }

    // Then
    assertThat(logged()).hasSize(10);
  }

  @Test
  void whyTheWorkerIsBrokenIsLogged() {
    // When
    broken = Optional.of("the engine does not move");
    lookFor(Duration.ofMinutes(1));

    // Then
    assertThat(logged())
        .containsExactly(
            "Part of the worker is not ready part=live reason=the engine does not move");
  }

  private void lookFor(Duration time) {
    for (Duration passed = Duration.ZERO;
        passed.compareTo(time) < 0;
        passed = passed.plus(SECOND)) {
      now += SECOND.toNanos();
      log.look();
      log.look();
    }
  }

  private List<String> logged() {
    return lines.list.stream()
        .map(
            line ->
                line.getKeyValuePairs().stream()
                    .map(pair -> " " + pair.key + "=" + pair.value)
                    .reduce(line.getMessage(), String::concat))
        .toList();
  }

  private Health health() {
    return new Health() {
      @Override
      public Optional<String> broken() {
        return broken;
      }

      @Override
      public Map<String, Optional<String>> parts() {
        return parts;
      }
    };
  }
}
