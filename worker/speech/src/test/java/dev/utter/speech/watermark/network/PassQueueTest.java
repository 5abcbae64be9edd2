package dev.utter.speech.watermark.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
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
    public int stepsLeft() {
      return left;
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
  void aPassThatFindsNoMemoryIsOpenOnceOthersHadSevenTimesItsSteps() {
    // Given
    for (int i = 0; i < 100; i++) {
      add("normal", 10, 60, PassPriority.NORMAL, false);
    }
    add("verification", 10, 50, PassPriority.VERIFICATION, true);

    // When
    steps(200);

    // Then
    assertThat(log.subList(0, 70)).containsOnly("normal");
    assertThat(log.subList(70, 80)).containsOnly("verification");
    assertThat(log.subList(80, 200)).containsOnly("normal");
  }

  @Test
  void passesThatFindNoMemoryHaveAnEighthOfTheStepsInTheLongRun() {
    // Given
    for (int i = 0; i < 200; i++) {
      add("normal", 9, 60, PassPriority.NORMAL, false);
      add("bulk", 20, 90, PassPriority.BULK, false);
      add("verification", 5, 50, PassPriority.VERIFICATION, true);
    }

    // When
    steps(1700);

    // Then
    assertThat(log.stream().filter("bulk"::equals).count()).isBetween(170L, 230L);
    assertThat(log.stream().filter("verification"::equals).count()).isBetween(170L, 230L);
  }

  @Test
  void aPassThatFindsNoMemoryIsNotPassedByLessUrgentOnes() {
    // Given
    add("verification", 5, 20, PassPriority.VERIFICATION, false);
    steps(1);
    add("normal", 1, 90, PassPriority.NORMAL, false);
    add("bulk", 1, 20, PassPriority.BULK, false);

    // When
    steps(6);

    // Then
    assertThat(log)
        .containsExactly(
            "verification",
            "verification",
            "verification",
            "verification",
            "verification",
            "normal",
            "bulk");
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
  void everyPassEndsWithinTheMemoryWhateverComes() {
    for (int seed = 0; seed < 200; seed++) {
      // Given
      Random random = new Random(seed);
      PassQueue<Fake> anew = new PassQueue<>();
      anew.allow(LIMIT);
      Map<Fake, PassPriority> left = new HashMap<>();
      Set<Fake> open = new HashSet<>();
      for (int added = 0; added < 60; ) {
        if (random.nextInt(8) == 0) {
          PassPriority priority = PassPriority.values()[random.nextInt(4)];
          Fake pass = new Fake("pass", 1 + random.nextInt(30), 1 + random.nextInt(150));
          anew.add(pass, priority, random.nextBoolean());
          left.put(pass, priority);
          added++;
        }
        // When
        anew.next().ifPresent(pass -> step(anew, pass, left, open));
      }
      while (!left.isEmpty()) {
        Optional<Fake> next = anew.next();
        assertThat(next).as("seed %d, %d passes left", seed, left.size()).isPresent();
        step(anew, next.get(), left, open);
      }

      // Then
      assertThat(anew.next()).isEmpty();
    }
  }

  private static void step(
      PassQueue<Fake> queue, Fake pass, Map<Fake, PassPriority> left, Set<Fake> open) {
    open.add(pass);
    List<Fake> others =
        open.stream().filter(each -> left.get(each) != PassPriority.INTERACTIVE).toList();
    assertThat(others.size() <= 1 || others.stream().mapToLong(Fake::bytes).sum() <= LIMIT)
        .isTrue();
    pass.step();
    if (pass.isDone()) {
      queue.ended(pass);
      open.remove(pass);
      left.remove(pass);
    }
  }

  @Test
  void withoutPassesThereIsNoStep() {
    // When
    Optional<Fake> next = queue.next();

    // Then
    assertThat(next).isEmpty();
  }
}
