package dev.utter.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import dev.utter.benchmarks.profile.DeviceProfile.Gaps;
import dev.utter.benchmarks.profile.StepProfile.Share;
import dev.utter.benchmarks.profile.trace.Call;
import dev.utter.benchmarks.profile.trace.Category;
import dev.utter.benchmarks.profile.trace.DeviceWork;
import dev.utter.benchmarks.profile.trace.DeviceWork.Kind;
import dev.utter.benchmarks.profile.trace.Kernels;
import dev.utter.benchmarks.profile.trace.RuntimeCall;
import dev.utter.benchmarks.profile.trace.Trace;
import dev.utter.benchmarks.profile.trace.TraceFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A trace of two steps: the first launches three kernels and copies its result, the second launches
 * a graph.
 */
class DeviceProfileTest {

  private Trace trace;

  @BeforeEach
  void read() throws IOException, URISyntaxException {
    trace = TraceFile.read(Path.of(getClass().getResource("kineto-trace.json").toURI()));
  }

  @Test
  void callsRuntimeCallsAndDeviceWorkAreDistinguished() {
    // Then
    assertThat(trace.calls())
        .extracting(Call::name)
        .containsExactly(
            "step",
            "attend_once",
            "aten::bmm",
            "product",
            "aten::mm",
            "aten::add_",
            "aten::copy_",
            "step");
    assertThat(trace.calls().get(2)).isEqualTo(new Call("aten::bmm", 7, 1006, 10, 3));
    assertThat(trace.runtimeCalls())
        .hasSize(6)
        .contains(new RuntimeCall("cuLaunchKernelEx", 7, 1062, 13, Call.NONE));
    assertThat(trace.deviceWork())
        .hasSize(7)
        .contains(
            new DeviceWork(Kind.FILL, "Memset (Device)", 1241, 1, 16, Call.NONE),
            new DeviceWork(
                Kind.DEVICE_TO_HOST, "Memcpy DtoH (Device -> Pageable)", 1124, 4, 14, 7));
  }

  @Test
  void kernelsHaveTheCategoryOfTheirOperatorOrElseOfTheirName() {
    // When
    DeviceProfile profile = DeviceProfile.of(trace, 2).orElseThrow();

    // Then
    assertThat(profile.categories().keySet())
        .containsExactly(Category.ATTENTION, Category.MATMUL, Category.COPIES, Category.OTHER);
    assertThat(share(profile, Category.ATTENTION))
        .as("a batched product in attend_once, a softmax in the graph")
        .isEqualTo(new Share("ATTENTION", 1, 7.5, 15 / 66.));
    assertThat(share(profile, Category.MATMUL).micros()).isEqualTo(20);
    assertThat(share(profile, Category.COPIES).micros()).isEqualTo(2.5);
    assertThat(share(profile, Category.OTHER).micros()).isEqualTo(3);
  }

  @Test
  void gapsAreIdleTimesWithinOneCallOfTheProgram() {
    // When
    DeviceProfile profile = DeviceProfile.of(trace, 2).orElseThrow();

    // Then
    assertThat(profile.busyMicros()).isEqualTo((10 + 24 + 4 + 20 + 1 + 5) / 2.);
    assertThat(profile.spanMicros()).isEqualTo((40 + 4 + 29) / 2.);
    assertThat(profile.gaps())
        .as("6 and 0 in the first step, 1 and 2 in the second")
        .isEqualTo(new Gaps(2, 4.5, 9 / 73., 1, 6));
  }

  @Test
  void launchesCopiesAndWaitsAreCountedPerStep() {
    // When
    DeviceProfile profile = DeviceProfile.of(trace, 2).orElseThrow();

    // Then
    assertThat(profile.kernels()).isEqualTo(2.5);
    assertThat(profile.launches()).isEqualTo(2);
    assertThat(profile.synchronisations()).isEqualTo(0.5);
    assertThat(profile.copies())
        .containsExactly(
            entry(Kind.HOST_TO_DEVICE, 0.),
            entry(Kind.DEVICE_TO_HOST, 0.5),
            entry(Kind.DEVICE_TO_DEVICE, 0.),
            entry(Kind.FILL, 0.5));
  }

  @Test
  void onACpuThereIsNoDeviceProfile() {
    // When
    Optional<DeviceProfile> profile =
        DeviceProfile.of(new Trace(trace.calls(), List.of(), List.of()), 2);

    // Then
    assertThat(profile).isEmpty();
  }

  @Test
  void workWithoutAKnownCallCountsButMakesNoGaps() {
    // Given
    DeviceWork first = new DeviceWork(Kind.KERNEL, "a", 10, 5, 1, Call.NONE);
    DeviceWork second = new DeviceWork(Kind.KERNEL, "b", 30, 5, 2, Call.NONE);

    // When
    DeviceProfile profile =
        DeviceProfile.of(new Trace(List.of(), List.of(), List.of(second, first)), 1).orElseThrow();

    // Then
    assertThat(profile.kernels()).isEqualTo(2);
    assertThat(profile.busyMicros()).isCloseTo(10, within(1e-9));
    assertThat(profile.gaps()).isEqualTo(new Gaps(0, 0, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "nvjet_tst_64x8_64x16_4x2_v_bz_TNT, MATMUL",
    "void cutlass::Kernel2<cutlass_80_tensorop_bf16>, MATMUL",
    "void gemv2T_kernel_val<int>, MATMUL",
    "void pytorch_flash::flash_fwd_kernel<>, ATTENTION",
    "void cunn_SoftMaxForward<4>, ATTENTION",
    "void at::native::sbtopk::gatherTopK<float>, SAMPLING",
    "void reduce_kernel<ArgMaxOps<float>>, SAMPLING",
    "void unrolled_elementwise_kernel<direct_copy_kernel_cuda>, COPIES",
    "void reduce_kernel<NormTwoOps<float>>, NORM",
    "void vectorized_elementwise_kernel<silu_kernel>, OTHER",
  })
  void aKernelsNameGivesItsUsualCategory(String name, Category category) {
    assertThat(Kernels.usual(name)).isEqualTo(category);
  }

  private static Share share(DeviceProfile profile, Category category) {
    return profile.categories().get(category);
  }
}
