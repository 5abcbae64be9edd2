package dev.utter.worker.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdsTest {

  @ParameterizedTest
  @ValueSource(strings = {"a", "A-z_0.9:-", "..", "order:2026-11-23T00:00:00"})
  void aValidIdIsItsOwnSafeId(String id) {
    assertThat(RequestIds.isValid(id)).isTrue();
    assertThat(RequestIds.safe(id)).isEqualTo(id);
  }

  @Test
  void lengthsOfOneTo128AreValid() {
    assertThat(RequestIds.isValid("x".repeat(128))).isTrue();
    assertThat(RequestIds.isValid("x".repeat(129))).isFalse();
    assertThat(RequestIds.isValid("")).isFalse();
    assertThat(RequestIds.isValid(null)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "a\nb", "a\n", "caf\u00e9", "\ud83d", "a\0"})
  void anInvalidIdGetsAnotherSafeOne(String id) {
    assertThat(RequestIds.isValid(id)).isFalse();
    assertThat(RequestIds.safe(id)).startsWith("invalid:").matches("[A-Za-z0-9._:-]{1,128}");
    assertThat(RequestIds.safe(id))
        .isEqualTo(RequestIds.safe(id))
        .isNotEqualTo(RequestIds.safe(id + " "));
  }
}
