package dev.utter.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.storage.failure.ObjectTooLargeException;
import dev.utter.worker.storage.object.ObjectLocation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedReadTest {
  private static final ObjectLocation LOCATION = ObjectLocation.newest("bucket", "key");
  private static final long LIMIT = 5;

  @Test
  void readsAsMuchAsTheLimitAllowsWhetherOrNotItIsAnnounced() throws IOException {
    assertThat(read("5", 5)).hasSize(5);
    assertThat(read(null, 5)).hasSize(5);
    assertThat(read("0", 0)).isEmpty();
    assertThat(read(null, 0)).isEmpty();
  }

  @Test
  void refusesOneByteMoreThanTheLimit() {
    assertThatThrownBy(() -> read("6", 6))
        .isInstanceOf(ObjectTooLargeException.class)
        .hasMessage("s3://bucket/key has 6 bytes, the limit is 5");
    assertThatThrownBy(() -> read(null, 6))
        .isInstanceOf(ObjectTooLargeException.class)
        .hasMessage("s3://bucket/key has more than 5 bytes, the limit is 5");
  }

  @Test
  void refusesMoreOrLessThanWasAnnounced() {
    assertThatThrownBy(() -> read("3", 4))
        .isInstanceOf(ObjectTooLargeException.class)
        .hasMessageContaining("more than the announced 3");
    assertThatThrownBy(() -> read("4", 3))
        .isInstanceOf(IOException.class)
        .hasMessage("only 3 of 4 bytes arrived");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "", "five", "9223372036854775808"})
  void refusesAnAnnouncementThatIsNoSize(String announced) {
    assertThatThrownBy(() -> read(announced, 1))
        .isInstanceOf(IOException.class)
        .hasMessage("the announced size is \"" + announced + "\", must be a number");
  }

  private static byte[] read(String announced, int bytes) throws IOException {
    return BoundedRead.all(LOCATION, new ByteArrayInputStream(new byte[bytes]), announced, LIMIT);
  }
}
