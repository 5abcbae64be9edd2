package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.failure.EngineBrokenException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceLossTest {

  private final TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA error: an illegal memory access was encountered",
        "CUDA error: device-side assert triggered",
        "CUDA error: unspecified launch failure",
        "CUDA error: uncorrectable ECC error encountered",
        "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling cublasGemmEx",
        "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        "cuFFT error: CUFFT_EXEC_FAILED",
      })
  void anErrorOfCudaBreaksTheEngineInEveryPlace(String complaint) {
    try (TorchProgram program = raising(complaint);
        NDManager scope = engine.newScope()) {
      assertThatThrownBy(() -> program.run(scope, "fail"))
          .isInstanceOf(EngineBrokenException.class)
          .hasMessageContaining(complaint);
    }
    assertThat(DeviceLoss.isBehind(new IllegalStateException(new EngineException(complaint))))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.10 GiB",
        "index 5 is out of bounds for dimension 0 with size 3",
      })
  void anErrorOfOneCallDoesNotBreakTheEngine(String complaint) {
    try (TorchProgram program = raising(complaint);
        NDManager scope = engine.newScope()) {
      assertThatThrownBy(() -> program.run(scope, "fail"))
          .isInstanceOf(IllegalStateException.class)
          .isNotInstanceOf(EngineBrokenException.class)
          .hasMessageContaining(complaint);
    }
  }

  @Test
  void aFailureWithoutAMessageIsNoLoss() {
    assertThat(DeviceLoss.isBehind(new IllegalStateException())).isFalse();
  }

  /** A program libtorch itself stops with this complaint. */
  private TorchProgram raising(String complaint) {
    return TorchProgram.compile(
        engine,
        "raising",
        """
        class Raising(Module):
          __parameters__ = []
          __buffers__ = []
          training : bool

          def fail(self) -> None:
            ops.prim.RaiseException("%s", "builtins.RuntimeError")
        """
            .formatted(complaint));
  }
}
