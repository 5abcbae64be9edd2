package dev.utter.worker.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FailureTextTest {
  @Test
  void aFailureIsDescribedByItsMessage() {
    assertThat(FailureText.of(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
  }

  @Test
  void aFailureWithoutAMessageIsDescribedByItsClass() {
    assertThat(FailureText.of(new ClosedChannelException())).isEqualTo("ClosedChannelException");
  }
}
