package dev.utter.worker.storage.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CurrentSecretsTest {
  @TempDir private Path folder;
  private final List<List<String>> checked = new ArrayList<>();

  @Test
  void secretsThatComeFromNoFileStay() {
    // Given
    CurrentSecrets secrets =
        new CurrentSecrets(
            List.of("a", "b"), List.of(Optional.empty(), Optional.empty()), checked::add);

    // Then
    assertThat(secrets.get()).containsExactly("a", "b");
    assertThat(secrets.size()).isEqualTo(2);
    assertThat(checked).as("rules are asked once").containsExactly(List.of("a", "b"));
  }

  @Test
  void whatAFileHasIsCheckedBeforeItIsUsed() throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("secret"), "a");
    CurrentSecrets secrets =
        new CurrentSecrets(
            List.of("a", "b"), List.of(Optional.of(file), Optional.empty()), checked::add);

    // When
    Files.writeString(file, "new \n");

    // Then
    assertThat(secrets.get()).containsExactly("new", "b");
    assertThat(checked).containsExactly(List.of("a", "b"), List.of("new", "b"));
  }

  @Test
  void secretsThatBreakARuleAreRefusedAtOnce() {
    assertThatThrownBy(
            () ->
                new CurrentSecrets(
                    List.of("a"),
                    List.of(Optional.empty()),
                    texts -> {
                      throw new IllegalArgumentException("too short");
                    }))
        .hasMessage("too short");
  }
}
