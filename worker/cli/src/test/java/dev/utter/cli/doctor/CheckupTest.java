package dev.utter.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.cli.doctor.Answer.State;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CheckupTest {
  private final Map<String, Answer> found = new LinkedHashMap<>();
  private final CountDownLatch never = new CountDownLatch(1);

  @AfterEach
  void release() {
    never.countDown();
  }

  @Test
  void aFailingCheckDoesNotStopTheOthers() throws InterruptedException {
    // Given
    Checkup checkup = new Checkup(Duration.ofMinutes(1));

    // When
    boolean ok =
        checkup.run(
            List.of(
                new Check(
                    "first",
                    "repair it",
                    () -> {
                      throw new IllegalStateException("broken");
                    }),
                new Check("second", "", () -> Answer.ok("fine")),
                new Check("third", "", () -> Answer.notChecked("no reason to"))),
            found::put);

    // Then
    assertThat(ok).isFalse();
    assertThat(found)
        .containsExactly(
            Map.entry("first", Answer.notOk("broken", "repair it")),
            Map.entry("second", Answer.ok("fine")),
            Map.entry("third", Answer.notChecked("no reason to")));
    assertThat(checkup.allEnded()).isTrue();
  }

  @Test
  void aCheckPastItsLimitIsNotOkAndDoesNotStopTheOthers() throws InterruptedException {
    // Given
    Checkup checkup = new Checkup(Duration.ofSeconds(1));

    // When
    boolean ok =
        checkup.run(
            List.of(new Check("hangs", "wake it", this::hang), new Check("next", "", this::fine)),
            found::put);

    // Then
    assertThat(ok).isFalse();
    assertThat(found.get("hangs"))
        .isEqualTo(Answer.notOk("no answer within 1 s", "wake it; --limit allows more time"));
    assertThat(found.get("next").state()).isEqualTo(State.OK);
    assertThat(checkup.allEnded()).isFalse();
  }

  @Test
  void aCheckThatIsNotMadeIsNoFault() throws InterruptedException {
    assertThat(
            new Checkup(Duration.ofMinutes(1))
                .run(
                    List.of(new Check("one", "", () -> Answer.notChecked("no service"))),
                    found::put))
        .isTrue();
  }

  private Answer fine() {
    return Answer.ok("fine");
  }

  /** Native code does not end when it is interrupted. */
  private Answer hang() {
    boolean released = false;
    while (!released) {
      try {
        never.await();
        released = true;
      } catch (InterruptedException e) {
        continue;
      }
    }
    return fine();
  }
}
