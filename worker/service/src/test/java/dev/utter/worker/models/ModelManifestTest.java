package dev.utter.worker.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.models.ModelManifest.Entry;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelManifestTest {
  private static final String DIGEST = "0123456789abcdef".repeat(4);

  @Test
  void whatIsWrittenIsRead() {
    // Given
    ModelManifest manifest =
        new ModelManifest(
            List.of(
                new Entry("watermark/enc_c.ckpt", 7, DIGEST), new Entry("config.json", 0, DIGEST)));

    // When
    ModelManifest read = ModelManifest.parse(manifest.toJson());

    // Then
    assertThat(read).isEqualTo(manifest);
    assertThat(read.digest()).isEqualTo(manifest.digest());
    assertThat(read.entries()).extracting(Entry::path).startsWith("config.json");
    assertThat(read.bytes()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../config.json",
        "a/../../config.json",
        "/etc/passwd",
        "a//b",
        "./a",
        "a/.",
        "..",
        "",
        "a\\\\b",
        "C:/a",
        "a\\u0000b",
        "a\\nb",
        "a\\u202eb"
      })
  void aPathThatLeadsElsewhereIsRefused(String path) {
    assertRefused(file(path, "1", DIGEST), "is no name of a file");
  }

  @Test
  void aPathOfAThousandCharactersIsRefused() {
    assertRefused(file("a".repeat(1000), "1", DIGEST), "or more than 200 characters");
  }

  @ParameterizedTest
  @CsvSource({"-1, has a size of -1", "1.5, without path", "9223372036854775808, without path"})
  void anInvalidSizeIsRefused(String bytes, String why) {
    assertRefused(file("a", bytes, DIGEST), why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "../../../etc/passwd", "0123456789ABCDEF"})
  void anInvalidChecksumIsRefused(String digest) {
    assertRefused(file("a", "1", digest), "a has no SHA-256");
  }

  @Test
  void sizesThatOverflowAreRefused() {
    // Given
    String largest = String.valueOf(Long.MAX_VALUE);

    // Then
    assertRefused(
        file("a", largest, DIGEST) + ", " + file("b", largest, DIGEST), "its sizes add up");
  }

  @ParameterizedTest
  @CsvSource({"a, a, lists a twice", "a, A, lists a twice", "a/b, a, a as file and as folder"})
  void twoFilesAtOnePlaceAreRefused(String one, String other, String why) {
    assertRefused(file(one, "1", DIGEST) + ", " + file(other, "1", DIGEST), why);
  }

  @Test
  void tooManyFilesAreRefused() {
    // Given
    String files =
        IntStream.rangeClosed(0, 1000)
            .mapToObj(i -> file("f" + i, "1", DIGEST))
            .collect(Collectors.joining(","));

    // Then
    assertRefused(files, "lists 1001 files, must list 1 to 1000");
  }

  @Test
  void noFilesAreRefused() {
    assertRefused("", "lists 0 files");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "no JSON", "[]", "{}", "{\"utterModel\": \"1\"}", "{\"files\": []}", "null"})
  void anotherTextIsRefused(String text) {
    assertThatThrownBy(() -> ModelManifest.parse(text.getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void deepNestingIsRefused() {
    // Given
    byte[] deep = ("{\"files\":" + "[".repeat(100_000)).getBytes(UTF_8);

    // Then
    assertThatThrownBy(() -> ModelManifest.parse(deep))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("it is not JSON");
  }

  @Test
  void aLaterVersionIsRefusedByItsNumber() {
    assertThatThrownBy(() -> ModelManifest.parse("{\"utterModel\": 2}".getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("it is of version 2, this program reads version 1");
  }

  private static String file(String path, String bytes, String digest) {
    return "{\"path\": \"%s\", \"bytes\": %s, \"sha256\": \"%s\"}".formatted(path, bytes, digest);
  }

  private static void assertRefused(String files, String why) {
    byte[] json = ("{\"utterModel\": 1, \"files\": [" + files + "]}").getBytes(UTF_8);
    assertThatThrownBy(() -> ModelManifest.parse(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
