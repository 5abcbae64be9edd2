package dev.utter.worker.storage.object;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObjectLocationTest {
  @Test
  void isShownAsAUrlThatCannotChangeHowItLooks() {
    assertThat(ObjectLocation.newest("bucket", "a/b.wav")).hasToString("s3://bucket/a/b.wav");
    assertThat(new ObjectLocation("bucket", "a\u202eb", Optional.of("v\n1")))
        .hasToString("s3://bucket/a\\u202eb?versionId=v\\u000a1");
  }
}
