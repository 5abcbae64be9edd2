package dev.utter.worker.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class StateFolderTest {

  @Test
  void aFolderBelowTheTemporaryFolderDoesNotLast() {
    assertThat(
            StateFolder.whyTemporary(
                Path.of(System.getProperty("java.io.tmpdir"), "not-there", "utter")))
        .hasValueSatisfying(why -> assertThat(why).contains("cleaned"));
    assertThat(StateFolder.whyTemporary(Path.of("/home/../var/tmp/utter"))).isPresent();
  }

  @Test
  void anyOtherFolderLasts() {
    assertThat(StateFolder.whyTemporary(Path.of("/opt/utter-state"))).isEmpty();
  }
}
