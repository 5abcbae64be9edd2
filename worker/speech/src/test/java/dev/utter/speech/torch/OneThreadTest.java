package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Where a step's products run while it may use one thread. */
class OneThreadTest {

  @Test
  void libtorchMultipliesOnTheCallingThreadAlone() {
    // Given
    assumeThat(Runtime.getRuntime().availableProcessors()).as("processors").isGreaterThan(1);
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(2));
    assumeThat(engine.hasCpuOperators()).as("CPU operators").isTrue();
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.ones(new Shape(1500, 1500));
      matrix.matMul(matrix).close();

      // When
      long processBefore = processNanos();
      long threadBefore = threadNanos();
      engine.onOneThread(
          () -> {
            for (int i = 0; i < 12; i++) {
              matrix.matMul(matrix).close();
            }
            return null;
          });

      // Then
      double thread = threadNanos() - threadBefore;
      double process = processNanos() - processBefore;
      assertThat(process / thread)
          .as("processor time of all threads, in times of the calling one")
          .isLessThan(1.5);
    }
  }

  private static long processNanos() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  private static long threadNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
