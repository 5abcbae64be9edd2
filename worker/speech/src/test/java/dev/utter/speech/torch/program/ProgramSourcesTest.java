package dev.utter.speech.torch.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgramSourcesTest {

  private static final Map<String, String> RESOURCES =
      Map.of(
          "sums", "def add(x: Tensor) -> Tensor:\n  return __torch__.deep.down.one(x)\n",
          "other_sums", "def add(x: Tensor) -> Tensor:\n  return x\n",
          "deep/down", "def one(x: Tensor) -> Tensor:\n  return __torch__.sums.add(x)\n");

  @Test
  void aFileBringsTheFilesItRefersTo() {
    // Given
    String main = "y = __torch__.sums.add(x)";

    // When
    ProgramSources sources = ProgramSources.collect(main, Map.of(), RESOURCES::get);

    // Then
    assertThat(sources.main()).isEqualTo(main);
    assertThat(sources.files())
        .containsOnlyKeys("sums", "deep.down")
        .containsEntry("deep.down", RESOURCES.get("deep/down"));
  }

  @Test
  void anotherResourceTakesThePlaceOfAFile() {
    // When
    ProgramSources sources =
        ProgramSources.collect(
            "y = __torch__.sums.add(x)", Map.of("sums", "other_sums"), RESOURCES::get);

    // Then
    assertThat(sources.files()).containsOnly(Map.entry("sums", RESOURCES.get("other_sums")));
  }

  @Test
  void theClassesOfLibtorchAreNoFiles() {
    // Given
    String main = "packed : List[__torch__.torch.classes.quantized.LinearPackedParamsBase]";

    // Then
    assertThat(ProgramSources.collect(main, Map.of(), RESOURCES::get).files()).isEmpty();
  }
}
