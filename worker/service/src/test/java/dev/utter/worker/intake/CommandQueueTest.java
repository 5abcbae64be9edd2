package dev.utter.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CommandQueueTest {
  private final AtomicInteger wakeups = new AtomicInteger();
  private final CommandQueue commands = new CommandQueue(wakeups::incrementAndGet);
  private final Delivery delivery = TestingDeliveries.delivery("lane", 0);

  @Test
  void commandsComeOutInTheirOrderAndOnce() {
    // Given
    Command first = new Command.Start(delivery);
    Command second = new Command.AttemptFailed(delivery);

    // When
    commands.add(first);
    commands.addAll(List.of(second, first));

    // Then
    assertThat(commands.isEmpty()).isFalse();
    assertThat(commands.drain()).containsExactly(first, second, first);
    assertThat(commands.isEmpty()).isTrue();
    assertThat(commands.drain()).isEmpty();
  }

  @Test
  void aCommandEndsAPollOnceAndWakesNothingElse() {
    // When: no poll, then one that several commands meet, then one that is over
    commands.add(new Command.Start(delivery));
    int before = wakeups.get();
    commands.beforePoll();
    commands.addAll(List.of(new Command.Start(delivery)));
    commands.add(new Command.Start(delivery));
    int during = wakeups.get();
    commands.beforePoll();
    commands.afterPoll();
    commands.wake();

    // Then
    assertThat(before).isZero();
    assertThat(during).isEqualTo(1);
    assertThat(wakeups).hasValue(1);
    commands.beforePoll();
    commands.add(new Command.Start(delivery));
    assertThat(wakeups).hasValue(2);
  }
}
