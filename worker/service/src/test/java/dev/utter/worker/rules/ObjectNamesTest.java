package dev.utter.worker.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectNamesTest {

  @ParameterizedTest
  @ValueSource(strings = {"abc", "utter-clips", "a.b-c", "0-9"})
  void usableBuckets(String bucket) {
    assertThat(ObjectNames.bucketDefect(bucket)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ab",
        "Abc",
        "a_b",
        "-ab",
        "ab-",
        "a..b",
        "192.168.0.1",
        "../etc",
        "a/b",
        "a\nb"
      })
  void unusableBuckets(String bucket) {
    assertThat(ObjectNames.bucketDefect(bucket)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "clips/a.wav", "a b", "\u00fcber/\ud83d\ude00.wav", "...", "a..b/c"})
  void usableKeys(String key) {
    assertThat(ObjectNames.keyDefect(key)).isEmpty();
  }

  static Stream<String> unusableKeys() {
    return Stream.of(
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "../a",
        "a/../b",
        "a/./b",
        "a\\b",
        "a\nb",
        "a\0b",
        "a\u0085b",
        "\ud83d",
        "a\ufffd",
        "x".repeat(1025),
        "\u00fc".repeat(513));
  }

  @ParameterizedTest
  @MethodSource("unusableKeys")
  void unusableKeysAreNamed(String key) {
    assertThat(ObjectNames.keyDefect(key)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\n", "\u00fc"})
  void unusableVersions(String version) {
    assertThat(ObjectNames.versionDefect(version)).isPresent();
  }
}
