package dev.utter.speech.watermark.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who makes the next step, with passes that compute nothing. */
final class PassQueueTest {
  private static final long LIMIT = 100;

  private final PassQueue<Fake> queue = new PassQueue<>();
  private final List<String> log = new ArrayList<>();

  PassQueueTest() {
    queue.allow(LIMIT);
  }

  /** Counts its steps, and writes its name down at each. */
  private final class Fake implements Pass<String> {
    private final String name;
    private final long bytes;
    private int left;

    Fake(String name, int steps, long bytes) {
      this.name = name;
      this.left = steps;
      this.bytes = bytes;
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void step() {
      left--;
      log.add(name);
    }

    @Override
    public boolean isDone() {
      return left == 0;
    }

    @Override
    public String result() {
      return name;
    }

    @Override
    public void close() {
      log.add("closed " + name);
    }
  }

  private Fake add(String name, int steps, long bytes, PassPriority priority, boolean check) {
    Fake pass = new Fake(name, steps, bytes);
    queue.add(pass, priority, check);
    return pass;
  }

  private Fake add(String name, int steps, PassPriority priority) {
    return add(name, steps, 1, priority, false);
  }

  private void steps(int count) {
    for (int i = 0; i < count; i++) {
      Optional<Fake> next = queue.next();
      if (next.isEmpty()) {
        return;
      }
      next.get().step();
      if (next.get().isDone()) {
        queue.ended(next.get());
      }
    }
  }

  @Test
  void anInteractiveClipWaitsForOneStepOfALongOne() {
    // Given
    add("bulk", 400, PassPriority.BULK);
    steps(3);

    // When
    add("interactive", 20, PassPriority.INTERACTIVE);
    steps(20);

    // Then
    assertThat(log.subList(0, 3)).containsOnly("bulk");
    assertThat(log.subList(3, 23)).containsOnly("interactive");
  }

  @Test
  void anInteractiveClipGivesUpOneStepIn32() {
    // Given
    add("bulk", 400, PassPriority.BULK);
    add("normal", 400, PassPriority.NORMAL);
    add("verification", 400, PassPriority.VERIFICATION);
    steps(50);
    log.clear();

    // When
    add("interactive", 124, PassPriority.INTERACTIVE);
    steps(128);

    // Then
    assertThat(log.stream().filter("interactive"::equals)).hasSize(124);
  }

  @Test
  void theMoreUrgentLaneMakesItsStepsFirst() {
    // Given
    add("verification", 1, PassPriority.VERIFICATION);
    add("bulk", 1, PassPriority.BULK);
    add("normal", 1, PassPriority.NORMAL);
    add("interactive", 1, PassPriority.INTERACTIVE);

    // When
    steps(4);

    // Then
    assertThat(log).containsExactly("interactive", "normal", "bulk", "verification");
  }

  @Test
  void aClipIsCheckedBeforeFurtherOnesOfItsLaneAreMarked() {
    // Given
    add("mark 1", 2, PassPriority.NORMAL);
    add("mark 2", 1, PassPriority.NORMAL);
    steps(1);

    // When
    add("check 1", 1, 1, PassPriority.NORMAL, true);
    steps(3);

    // Then
    assertThat(log).containsExactly("mark 1", "mark 1", "check 1", "mark 2");
  }

  @Test
  void eachLaneIsSureOfOneStepIn96() {
    // Given
    int many = 96 * 10;
    add("interactive", many, PassPriority.INTERACTIVE);
    add("normal", many, PassPriority.NORMAL);
    add("bulk", many, PassPriority.BULK);
    add("verification", many, PassPriority.VERIFICATION);

    // When
    steps(many);

    // Then
    for (String low : List.of("normal", "bulk", "verification")) {
      assertThat(log.stream().filter(low::equals)).as(low).hasSize(10);
    }
    for (int from = 0; from + 96 <= many; from++) {
      assertThat(log.subList(from, from + 96)).contains("normal", "bulk", "verification");
    }
  }

  @Test
  void verificationHasAnEighthOfTheStepsBesideClipsThatAreMarked() {
    // Given
    int many = 800;
    add("normal", many, PassPriority.NORMAL);
    add("verification", many, PassPriority.VERIFICATION);

    // When
    steps(many);

    // Then
    assertThat(log.stream().filter("verification"::equals)).hasSize(many / 8);
  }

  @Test
  void withoutInteractiveClipsEachLowerLaneHasOneStepIn16() {
    // Given
    int many = 800;
    add("normal", many, PassPriority.NORMAL);
    add("bulk", many, PassPriority.BULK);
    add("verification", many, PassPriority.VERIFICATION);

    // When
    steps(many);

    // Then
    for (String low : List.of("bulk", "verification")) {
      assertThat(log.stream().filter(low::equals)).as(low).hasSize(many / 16);
    }
  }

  @Test
  void anInteractiveClipMakesItsFirstStepsWithoutOthersWhateverWentBefore() {
    for (int before = 0; before < 8; before++) {
      // Given
      add("normal", 1000, PassPriority.NORMAL);
      add("verification", 1000, PassPriority.VERIFICATION);
      steps(before);
      log.clear();

      // When
      add("interactive", 24, PassPriority.INTERACTIVE);
      steps(24);

      // Then
      assertThat(log).as("after %d steps", before).containsOnly("interactive");
    }
  }

  @Test
  void passesBelowInteractiveHoldNoMoreThanTheLimitTogether() {
    // Given
    add("bulk", 5, 60, PassPriority.BULK, false);
    steps(1);

    // When
    add("normal", 1, 50, PassPriority.NORMAL, false);
    add("short", 1, 30, PassPriority.VERIFICATION, false);
    add("interactive", 1, 90, PassPriority.INTERACTIVE, false);
    steps(10);

    // Then
    assertThat(log)
        .containsExactly("bulk", "interactive", "bulk", "bulk", "bulk", "bulk", "normal", "short");
  }

  @Test
  void aPassThatIsLargerThanTheLimitIsOpenAlone() {
    // Given
    add("giant", 2, 1000, PassPriority.VERIFICATION, true);
    steps(1);

    // When
    add("bulk", 1, 1, PassPriority.BULK, false);
    steps(3);

    // Then
    assertThat(log).containsExactly("giant", "giant", "bulk");
  }

  @Test
  void withoutPassesThereIsNoStep() {
    // When
    Optional<Fake> next = queue.next();

    // Then
    assertThat(next).isEmpty();
  }
}
