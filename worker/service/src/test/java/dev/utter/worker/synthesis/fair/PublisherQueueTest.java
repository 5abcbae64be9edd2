package dev.utter.worker.synthesis.fair;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PublisherQueueTest {
  private final PublisherQueue<String> queue = new PublisherQueue<>();

  @Test
  void publishersThatHadTheSameTakeTheirItemsInTheOrderOfArrival() {
    // Given
    queue.add("a1", "a", 10);
    queue.add("b1", "b", 10);
    queue.add("b2", "b", 10);
    queue.add("a2", "a", 10);

    // When
    queue.poll();
    queue.poll();

    // Then
    assertThat(queue.poll()).contains("b2");
    assertThat(queue.poll()).contains("a2");
  }

  @Test
  void aPublisherThatHadMoreThanOthersIsRememberedBeyondThoseThatHadLess() {
    // Given: one that had much, and more others than are remembered
    queue.add("much", "greedy", 10_000);
    queue.poll();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 999; i++) {
        queue.add("little", "name" + i, 1);
        queue.poll();
      }
    }
    queue.add("little", "name0", 1);
    queue.poll();
    queue.add("little", "last", 1);
    queue.poll();

    // When
    queue.add("more", "greedy", 1);
    queue.add("first", "new", 1);

    // Then
    assertThat(queue.poll()).contains("first");
    assertThat(queue.poll()).contains("more");
  }

  @Test
  void theNextItemIsSeenWithItsCostBeforeItIsTaken() {
    // Given
    assertThat(queue.first()).isEmpty();
    assertThat(queue.firstCost()).isZero();

    // When
    queue.add("a", "publisher", 7);

    // Then
    assertThat(queue.first()).contains("a");
    assertThat(queue.firstCost()).isEqualTo(7);
    assertThat(queue.size()).isEqualTo(1);
  }
}
