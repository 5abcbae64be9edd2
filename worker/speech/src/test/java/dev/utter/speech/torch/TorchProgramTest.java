package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.torch.program.TensorType;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TorchProgramTest {

  private static final String HEADER =
      """
      class Sample(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        weights : Dict[str, Tensor]
        stack : List[Tensor]
        table : Tensor
        maybe : Optional[Tensor]
        scale : float
        count : int
        label : str

      """;

  private final TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));

  @Test
  void runsAMethodOnItsWeights() {
    // Given
    String source =
        HEADER
            + """
              def load(self, weights: Dict[str, Tensor], scale: float) -> None:
                self.weights = weights
                self.scale = scale

              def apply(self, x: Tensor) -> Tensor:
                return self.scaled(torch.linear(x, self.weights["w"]))

              def scaled(self, x: Tensor) -> Tensor:
                return x * self.scale
            """;
    try (TorchProgram program = TorchProgram.compile(engine, "sample", source);
        NDManager scope = engine.newScope()) {
      NDArray weights = scope.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
      program.run(scope, "load", Map.of("w", weights), 0.5);

      // When
      NDList result = program.run(scope, "apply", scope.create(new float[] {1, 10}));

      // Then
      assertThat(result.singletonOrThrow().toFloatArray()).containsExactly(10.5f, 21.5f);
    }
  }

  @Test
  void passesListsAndNumbersBothWays() {
    // Given
    String source =
        HEADER
            + """
              def spread(self, xs: List[Tensor], n: int, flag: bool) -> List[Tensor]:
                out = annotate(List[Tensor], [])
                for x in xs:
                  out.append(x + float(n) if flag else x)
                return out

              def sizes(self, x: Tensor, more: List[int]) -> List[int]:
                return x.size() + more

              def pair(self, x: Tensor) -> Tuple[Tensor, Tensor]:
                return (x, torch.neg(x))

              def length(self, text: str) -> int:
                return len(text)
            """;
    try (TorchProgram program = TorchProgram.compile(engine, "sample", source);
        NDManager scope = engine.newScope()) {
      NDArray one = scope.create(1f);
      NDArray two = scope.create(2f);

      // When
      NDList spread = program.run(scope, "spread", new NDList(one, two), 3, true);
      NDList pair = program.run(scope, "pair", two);
      long[] sizes = program.runLongs("sizes", scope.zeros(new Shape(2, 3)), new long[] {7});
      long length = program.runLong("length", "abc");

      // Then
      assertThat(spread).extracting(NDArray::getFloat).containsExactly(4f, 5f);
      assertThat(pair).extracting(NDArray::getFloat).containsExactly(2f, -2f);
      assertThat(sizes).containsExactly(2, 3, 7);
      assertThat(length).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"QINT8", "BFLOAT16"})
  void theNumbersOfTensorTypesAreThoseOfLibtorch(TensorType type) {
    // Given
    String source = HEADER + "  def make(self) -> Tensor:\n    return torch.zeros([1], dtype=%s)\n";
    try (TorchProgram program = TorchProgram.compile(engine, "sample", source.formatted(type));
        NDManager scope = engine.newScope()) {
      // When
      DataType made = program.run(scope, "make").singletonOrThrow().getDataType();

      // Then
      String expected = type == TensorType.BOOL ? "BOOLEAN" : type.name();
      assertThat(made).isEqualTo(DataType.valueOf(expected));
    }
  }

  /** DJL does not know the type, so its rounding has to show it. */
  @Test
  void bfloat16HasEightSignificantBits() {
    // Given
    String source =
        HEADER
            + "  def round(self, x: Tensor) -> Tensor:\n"
            + "    return torch.to(torch.to(x, BFLOAT16), FLOAT32)\n";
    try (TorchProgram program = TorchProgram.compile(engine, "sample", source);
        NDManager scope = engine.newScope()) {
      // When
      NDList rounded = program.run(scope, "round", scope.create(new float[] {257, 1e38f}));

      // Then
      assertThat(rounded.singletonOrThrow().toFloatArray()[0]).isEqualTo(256);
      assertThat(rounded.singletonOrThrow().toFloatArray()[1]).isCloseTo(1e38f, within(1e36f));
    }
  }

  @Test
  void aProgramHasPartsInOtherFiles() {
    try (TorchProgram program = TorchProgram.load(engine, "counting")) {
      // When
      program.runLongs("count", 1, 10);

      // Then
      assertThat(program.runLongs("count", 2, 20)).containsExactly(3, 30, 33);
    }
  }

  @Test
  void namesProgramAndPlaceWhenTheSourceIsWrong() {
    String source =
        HEADER + "  def apply(self, x: Tensor) -> Tensor:\n    return torch.nothing(x)\n";

    assertThatThrownBy(() -> TorchProgram.compile(engine, "sample", source))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("program sample")
        .hasMessageContaining("torch.nothing");
  }

  @Test
  void namesProgramAndMethodWhenARunFails() {
    // Given
    String source = HEADER + "  def apply(self, x: Tensor) -> Tensor:\n    return torch.mm(x, x)\n";
    try (TorchProgram program = TorchProgram.compile(engine, "sample", source);
        NDManager scope = engine.newScope()) {
      NDArray odd = scope.zeros(new Shape(2, 3));

      // When / Then
      assertThatThrownBy(() -> program.run(scope, "apply", odd))
          .hasMessageContaining("program sample, method apply")
          .hasMessageContaining("2x3");
      assertThatThrownBy(() -> program.run(scope, "missing", odd))
          .hasMessageContaining("method missing");
    }
  }

  @Test
  void refusesSourceWithoutAModule() {
    assertThatThrownBy(() -> TorchProgram.compile(engine, "sample", "def f(x):\n  return x\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("class NAME(Module)");
  }

  @Test
  void givesBackEveryOwnerOfNativeMemory() {
    // Given
    long before = NativeMemory.openOwners();
    String source = HEADER + "  def apply(self, x: Tensor) -> Tensor:\n    return x + 1\n";

    // When
    try (TorchProgram program = TorchProgram.compile(engine, "sample", source);
        NDManager scope = engine.newScope()) {
      program.run(scope, "apply", scope.create(1f));
      assertThat(NativeMemory.openOwners()).isEqualTo(before + 2);
    }

    // Then
    assertThat(NativeMemory.openOwners()).isEqualTo(before);
  }
}
