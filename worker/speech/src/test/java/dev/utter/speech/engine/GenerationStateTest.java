package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GenerationStateTest {

  @Test
  void allowsOnlyTheMovesOfALife() {
    // Given
    List<String> allowed =
        List.of(
            "WAITING PREFILLING",
            "WAITING DONE",
            "PREFILLING PREFILLED",
            "PREFILLING DONE",
            "PREFILLED RUNNING",
            "PREFILLED DONE",
            "PREEMPTED RUNNING",
            "PREEMPTED DONE",
            "RUNNING PREEMPTED",
            "RUNNING DONE");

    // When
    Stream<String> moves =
        Arrays.stream(GenerationState.values())
            .flatMap(
                from ->
                    Arrays.stream(GenerationState.values())
                        .filter(from::allows)
                        .map(to -> from + " " + to));

    // Then
    assertThat(moves).containsExactlyInAnyOrderElementsOf(allowed);
  }
}
