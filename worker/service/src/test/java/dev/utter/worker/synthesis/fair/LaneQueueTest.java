package dev.utter.worker.synthesis.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.Urgency;
import dev.utter.worker.synthesis.fair.LaneQueue.Next;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaneQueueTest {
  private static final int MAX = 1000;
  private final LaneQueue<Object> queue = new LaneQueue<>(new LaneShares(20, 5), MAX, 1);

  @Test
  void givesEveryLaneItsShareOfTheCostUnderAFloodOfMoreUrgentWork() {
    // Given: clips of BULK are long, those of INTERACTIVE short
    Map<Urgency, Integer> costs =
        Map.of(Urgency.INTERACTIVE, 30, Urgency.NORMAL, 100, Urgency.BULK, 700);
    costs.forEach((lane, cost) -> queue.add(new Object(), lane, "a", cost));

    // When
    Map<Urgency, Long> given = new EnumMap<>(Urgency.class);
    for (int i = 0; i < 20_000; i++) {
      Urgency lane = queue.poll().orElseThrow().lane();
      given.merge(lane, (long) costs.get(lane), Long::sum);
      queue.add(new Object(), lane, "a", costs.get(lane));
    }

    // Then
    double all = given.values().stream().mapToLong(Long::longValue).sum();
    assertThat(given.get(Urgency.NORMAL) / all).isCloseTo(0.20, within(0.005));
    assertThat(given.get(Urgency.BULK) / all).isCloseTo(0.05, within(0.005));
  }

  @Test
  void countsWhatTheAudioCameToAndNotWhatItWasExpectedToBe() {
    // Given: the text of NORMAL says a tenth of what it comes to
    queue.add(new Object(), Urgency.NORMAL, "a", 10);
    queue.add(new Object(), Urgency.INTERACTIVE, "a", 100);

    // When
    Map<Urgency, Long> given = new EnumMap<>(Urgency.class);
    for (int i = 0; i < 5000; i++) {
      Next<Object> next = queue.poll().orElseThrow();
      long booked = next.lane() == Urgency.NORMAL ? 10 : 100;
      queue.add(new Object(), next.lane(), "a", booked);
      queue.settle(next.lane(), booked, 100, next.guaranteed());
      given.merge(next.lane(), 100L, Long::sum);
    }

    // Then
    double all = given.values().stream().mapToLong(Long::longValue).sum();
    assertThat(given.get(Urgency.NORMAL) / all).isCloseTo(0.20, within(0.01));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void holdsUpInteractiveWorkOnlyForWhatItHasHadBefore(int interactive) {
    // Given
    queue.add("normal", Urgency.NORMAL, "a", 100);
    IntStream.range(0, interactive)
        .forEach(i -> queue.add("interactive", Urgency.INTERACTIVE, "a", 100));

    // Then
    IntStream.range(0, interactive)
        .forEach(i -> assertThat(queue.poll().orElseThrow().item()).isEqualTo("interactive"));
    assertThat(queue.poll()).contains(new Next<>("normal", Urgency.NORMAL, false));
  }

  @Test
  void isNoDebtWhatALaneGotWhileNothingMoreUrgentWaited() {
    // Given
    for (int i = 0; i < 1000; i++) {
      queue.add("bulk", Urgency.BULK, "a", 100);
      queue.poll();
    }
    queue.add("bulk", Urgency.BULK, "a", 100);

    // When
    int before = 0;
    do {
      queue.add("interactive", Urgency.INTERACTIVE, "a", 100);
      before++;
    } while (queue.poll().orElseThrow().lane() == Urgency.INTERACTIVE);

    // Then
    assertThat(before).isEqualTo(20);
  }

  @Test
  void hasNoCreditForTheTimeInWhichALaneHadNothingToDo() {
    // Given
    for (int i = 0; i < 1000; i++) {
      queue.add("interactive", Urgency.INTERACTIVE, "a", 100);
      queue.poll();
    }

    // When
    queue.add("normal", Urgency.NORMAL, "a", 100);
    queue.add("interactive", Urgency.INTERACTIVE, "a", 100);

    // Then
    assertThat(queue.poll().orElseThrow().item()).isEqualTo("interactive");
  }

  /** A queue in which NORMAL has earned this much and waits. */
  private static LaneQueue<Object> earned(long credit) {
    LaneQueue<Object> queue = new LaneQueue<>(new LaneShares(20, 5), MAX, 4);
    queue.add("waiting", Urgency.NORMAL, "a", MAX);
    for (long given = 0; given < 4 * credit; given += 100) {
      queue.settle(Urgency.INTERACTIVE, 1, 101, false);
    }
    return queue;
  }

  @Test
  void creditIsAtMostOneItemForEachPlace() {
    // Given
    LaneQueue<Object> queue = earned(100L * MAX);
    IntStream.range(0, 9).forEach(i -> queue.add("normal", Urgency.NORMAL, "a", MAX));
    queue.add("interactive", Urgency.INTERACTIVE, "a", 1);

    // When
    int before = 0;
    while (queue.poll().orElseThrow().lane() == Urgency.NORMAL) {
      before++;
    }

    // Then
    assertThat(before).isEqualTo(4);
  }

  @Test
  void whatALaneGetsAnywayIsTakenFromItsCredit() {
    // Given
    LaneQueue<Object> queue = earned(300);

    // When
    queue.settle(Urgency.NORMAL, 1, 101, false);

    // Then
    assertThat(queue.resume(Urgency.NORMAL, 201)).isFalse();
    assertThat(queue.resume(Urgency.NORMAL, 200)).isTrue();
  }

  @Test
  void aLanePaysForAPlaceThatItIsGivenBack() {
    // Given
    LaneQueue<Object> queue = earned(300);

    // Then
    assertThat(queue.resume(Urgency.NORMAL, 300)).isTrue();
    assertThat(queue.resume(Urgency.NORMAL, 1)).isFalse();
  }

  @Test
  void aDebtStaysWhateverALaneGetsAnyway() {
    // Given: a guaranteed item came to 400 more than was booked
    LaneQueue<Object> queue = earned(300);
    queue.settle(Urgency.NORMAL, 100, 500, true);

    // When
    queue.settle(Urgency.NORMAL, 1, 101, false);
    IntStream.range(0, 4).forEach(i -> queue.settle(Urgency.INTERACTIVE, 1, 101, false));

    // Then
    assertThat(queue.resume(Urgency.NORMAL, 1)).isFalse();
    queue.settle(Urgency.INTERACTIVE, 1, 5, false);
    assertThat(queue.resume(Urgency.NORMAL, 1)).isTrue();
  }

  @Test
  void anItemThatCameToLessThanExpectedIsNoCreditUnlessItWasPaidFor() {
    // Given
    LaneQueue<Object> queue = earned(0);

    // When
    queue.settle(Urgency.NORMAL, 500, 1, false);
    boolean unpaid = queue.resume(Urgency.NORMAL, 1);
    queue.settle(Urgency.NORMAL, 500, 400, true);

    // Then
    assertThat(unpaid).isFalse();
    assertThat(queue.resume(Urgency.NORMAL, 100)).isTrue();
  }

  @Test
  void guaranteesNothingToALaneWhoseShareIsZero() {
    // Given
    LaneQueue<Object> strict = new LaneQueue<>(new LaneShares(0, 0), MAX, 1);
    strict.add("bulk", Urgency.BULK, "a", 1);

    // Then
    for (int i = 0; i < 10_000; i++) {
      strict.add("interactive", Urgency.INTERACTIVE, "a", 100);
      assertThat(strict.poll().orElseThrow().item()).isEqualTo("interactive");
    }
  }

  @Test
  void givesThePublishersOfALaneEqualSharesForAnyLoad() {
    // Given: one sends ten times as many, another clips that are ten times as long
    Map<String, Integer> costs = Map.of("many", 10, "long", 100, "few", 10);
    for (int i = 0; i < 3000; i++) {
      queue.add("many", Urgency.NORMAL, "many", 10);
    }
    for (int i = 0; i < 300; i++) {
      queue.add("long", Urgency.NORMAL, "long", 100);
      queue.add("few", Urgency.NORMAL, "few", 10);
    }

    // When
    Map<Object, Integer> given = new HashMap<>();
    Stream.generate(() -> queue.poll().orElseThrow().item())
        .limit(300)
        .forEach(publisher -> given.merge(publisher, costs.get(publisher), Integer::sum));

    // Then
    assertThat(given.get("many")).isCloseTo(given.get("few"), within(100));
    assertThat(given.get("long")).isCloseTo(given.get("few"), within(200));
  }

  @Test
  void keepsTheOrderOfOnePublisherAndForgetsWhatIsTakenOut() {
    // Given
    List<String> items = List.of("first", "second", "third");
    items.forEach(item -> queue.add(item, Urgency.NORMAL, "a", 1));

    // When
    boolean removed = queue.remove(items.get(1));

    // Then
    assertThat(removed).isTrue();
    assertThat(queue.remove(items.get(1))).isFalse();
    assertThat(queue.size()).isEqualTo(2);
    assertThat(queue.poll().orElseThrow().item()).isEqualTo("first");
    assertThat(queue.poll().orElseThrow().item()).isEqualTo("third");
    assertThat(queue.poll()).isEmpty();
  }

  @Test
  void takesAnItemAsOftenAsItWasPutIn() {
    // Given
    IntStream.range(0, 3).forEach(i -> queue.add("same", Urgency.BULK, "a", 1));

    // Then
    IntStream.range(0, 3).forEach(i -> assertThat(queue.poll()).isPresent());
    assertThat(queue.poll()).isEmpty();
    assertThat(queue.size()).isZero();
  }

  @Test
  void servesAPublisherThatReturnsBesideManyNamesThatAreNewEachTime() {
    // Given
    queue.add("steady", Urgency.NORMAL, "steady", 10);

    // When
    int longest = 0;
    int since = 0;
    for (int i = 0; i < 10_000; i++) {
      queue.add("new", Urgency.NORMAL, "name" + i, 10);
      if (queue.poll().orElseThrow().item().equals("steady")) {
        longest = Math.max(longest, since);
        since = 0;
        queue.add("steady", Urgency.NORMAL, "steady", 10);
      } else {
        since++;
      }
    }

    // Then
    assertThat(longest).isLessThan(5000).isGreaterThan(0);
  }

  @Test
  void refusesSharesThatLeaveNothingToInteractiveWork() {
    assertThatThrownBy(() -> new LaneShares(60, 40))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "synthesis.normalShare and synthesis.bulkShare are 60 and 40, must be at most 90 together");
    assertThatThrownBy(() -> new LaneShares(-1, 5))
        .hasMessageContaining("synthesis.normalShare is -1, must be 0 to 90");
  }
}
