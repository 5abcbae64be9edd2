package dev.utter.embedded;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Remembers which threads ran, to see later whether others have stayed behind. */
public final class ThreadsInUse {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Set<Thread> before = Thread.getAllStackTraces().keySet();

  /** Waits until no thread runs that did not run before, but for those of the JVM and of JUnit. */
  public void awaitNoOthers() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              String others =
                  Thread.getAllStackTraces().keySet().stream()
                      .filter(Predicate.not(before::contains))
                      .filter(Thread::isAlive)
                      .map(Thread::getName)
                      .filter(name -> !belongsToTheHost(name))
                      .sorted()
                      .collect(Collectors.joining(", "));
              if (!others.isEmpty()) {
                throw new AssertionError("threads left behind: " + others);
              }
            });
  }

  private static boolean belongsToTheHost(String name) {
    return name.startsWith("ForkJoinPool.commonPool")
        || name.startsWith("awaitility")
        || name.startsWith("junit-jupiter-timeout")
        || name.startsWith("Cleaner-")
        || name.equals("Keep-Alive-Timer")
        || name.equals("process reaper");
  }
}
