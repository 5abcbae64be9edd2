package dev.utter.chaos.mutant;

import dev.utter.chaos.check.Promise;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The deliberate defects. Each replaces one text of one source file. */
public enum Mutant {
  /** Offsets are committed as finished when work begins. */
  OFFSETS_FIRST(
      "worker/service/src/main/java/dev/utter/worker/intake/loop/Committer.java",
      "starting.forEach(delivery -> partitions.add(delivery.partition()));",
      "starting.forEach(delivery -> partitions.add(delivery.partition())); finishing.addAll(starting);",
      Set.of(Promise.ONE_OUTCOME)),
  /** The store is not asked to refuse a second object under a key. */
  NO_CONDITIONAL_PUT(
      "worker/service/src/main/java/dev/utter/worker/storage/ObjectStore.java",
      ".headers(ONLY_IF_ABSENT)",
      ".headers(BucketProof.isProbe(location) ? ONLY_IF_ABSENT : Map.of())",
      Set.of(Promise.WRITTEN_ONCE, Promise.ONE_OBJECT)),
  /** A new owner of a partition ignores the records that the last owner finished out of order. */
  PROGRESS_IGNORED(
      "worker/service/src/main/java/dev/utter/worker/intake/offsets/Takeover.java",
      "begin(committed.offset(), progress)",
      "begin(committed.offset(), Progress.NONE)",
      Set.of(Promise.ONE_OUTCOME)),
  /** A suspect starts like any other request, and others start beside it. */
  DOOR_NEVER_CLOSED(
      "worker/service/src/main/java/dev/utter/worker/synthesis/job/Job.java",
      "return suspect;",
      "return false;",
      Set.of(Promise.SUSPECT_ALONE));

  private final String source;
  private final String text;
  private final String replacement;
  private final Set<Promise> breaks;

  Mutant(String source, String text, String replacement, Set<Promise> breaks) {
    this.source = source;
    this.text = text;
    this.replacement = replacement;
    this.breaks = breaks;
  }

  /** Name on the command line. */
  public String words() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The mutant of a name, if there is one. */
  public static Optional<Mutant> named(String words) {
    return Arrays.stream(values()).filter(mutant -> mutant.words().equals(words)).findFirst();
  }

  /** Source file, from the project's folder. */
  String source() {
    return source;
  }

  /** Text that the file contains exactly once. */
  String text() {
    return text;
  }

  String replacement() {
    return replacement;
  }

  /** The promises of which the checker must find at least one broken. */
  public Set<Promise> breaks() {
    return breaks;
  }
}
