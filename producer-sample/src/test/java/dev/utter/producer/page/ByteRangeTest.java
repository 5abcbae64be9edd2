package dev.utter.producer.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
  @ParameterizedTest
  @CsvSource({
    "bytes=0-1, bytes 0-1/10",
    "bytes=4-, bytes 4-9/10",
    "bytes=4-99, bytes 4-9/10",
    "bytes=-3, bytes 7-9/10",
    "bytes=-30, bytes 0-9/10",
  })
  void aRangeIsWhatTheResourceHasOfIt(String header, String contentRange) {
    assertThat(ByteRange.parse(header, 10).orElseThrow().of(10)).isEqualTo(contentRange);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=10-", "bytes=12-13", "bytes=-0"})
  void aRangeBehindTheEndIsEmpty(String header) {
    assertThat(ByteRange.parse(header, 10).orElseThrow().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=-", "bytes=0-1,4-5", "lines=0-1", "bytes=0-99999999999"})
  void anythingElseIsTheWholeResource(String header) {
    assertThat(ByteRange.parse(header, 10)).isEmpty();
  }

  @Test
  void noHeaderIsTheWholeResource() {
    assertThat(ByteRange.parse(null, 10)).isEmpty();
  }
}
