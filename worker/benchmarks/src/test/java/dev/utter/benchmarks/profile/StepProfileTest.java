package dev.utter.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.utter.benchmarks.profile.StepProfile.Share;
import dev.utter.benchmarks.profile.trace.Call;
import dev.utter.benchmarks.profile.trace.Category;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepProfileTest {

  /** One step of 100: attention of 40 whose softmax is nested, a product of 30, a copy of 10. */
  private static final List<Call> STEP =
      List.of(
          call("aten::_softmax", 12, 6),
          call("aten::softmax", 11, 8),
          call("aten::as_strided", 21, 1),
          call("aten::transpose", 20, 3),
          call("aten::copy_", 31, 4),
          call("aten::clone", 30, 6),
          call("aten::bmm", 40, 5),
          call("attend_once", 10, 40),
          call("aten::mm", 52, 20),
          call("product", 50, 30),
          call("aten::copy_", 85, 10),
          call("step", 0, 100));

  @Test
  void nestedCallsAreCountedOnce() {
    // When
    StepProfile profile = StepProfile.of(STEP, 1);

    // Then
    assertThat(profile.recordedMicros()).isCloseTo(100, within(1e-9));
    assertThat(share(profile, Category.ATTENTION).micros()).isCloseTo(8 + 5, within(1e-9));
    assertThat(share(profile, Category.MATMUL).micros()).isEqualTo(20);
    assertThat(share(profile, Category.COPIES).micros()).isEqualTo(6 + 10);
    assertThat(share(profile, Category.VIEWS).micros()).isEqualTo(3);
    assertThat(share(profile, Category.PROGRAM).micros())
        .isCloseTo((40 - 8 - 3 - 6 - 5) + (30 - 20) + (100 - 40 - 30 - 10), within(1e-9));
  }

  @Test
  void onlyInnermostWorkingOperatorsCountAsKernels() {
    // When
    StepProfile profile = StepProfile.of(STEP, 1);

    // Then
    assertThat(profile.operators()).as("softmax, transpose, clone, bmm, mm, copy_").isEqualTo(6);
    assertThat(profile.calls()).isEqualTo(9);
    assertThat(profile.kernels()).as("_softmax, copy_, bmm, mm, copy_").isEqualTo(5);
  }

  @Test
  void figuresAreThoseOfOneStep() {
    // Given
    List<Call> twice = List.of(call("aten::mm", 0, 10), call("aten::mm", 20, 30));

    // When
    StepProfile profile = StepProfile.of(twice, 2);

    // Then
    assertThat(profile.operators()).isEqualTo(1);
    assertThat(profile.heaviest()).containsExactly(new Share("aten::mm", 1, 20, 1));
  }

  @Test
  void aDivisionHasTheCategoryOfTheFunctionAroundIt() {
    // Given
    List<Call> calls =
        List.of(
            call("aten::div", 1, 2),
            call("norm", 0, 4),
            call("aten::div", 11, 2),
            call("sample", 10, 4),
            call("aten::div", 20, 2),
            call("aten::mm", 30, 2),
            call("quantized::linear", 40, 2),
            call("utter_cpu::decoder_layer_packed", 50, 2));

    // When
    StepProfile profile = StepProfile.of(calls, 1);

    // Then
    assertThat(share(profile, Category.NORM).calls()).isEqualTo(1);
    assertThat(share(profile, Category.SAMPLING).calls()).isEqualTo(1);
    assertThat(share(profile, Category.OTHER).calls()).isEqualTo(1);
    assertThat(share(profile, Category.MATMUL).calls()).isEqualTo(3);
  }

  @Test
  void callsOfAnotherThreadAreNotNested() {
    // Given
    List<Call> calls = List.of(new Call("aten::mm", 1, 0, 10), new Call("aten::copy_", 2, 2, 4));

    // When
    StepProfile profile = StepProfile.of(calls, 1);

    // Then
    assertThat(profile.recordedMicros()).isEqualTo(14);
    assertThat(profile.operators()).isEqualTo(2);
  }

  private static Share share(StepProfile profile, Category category) {
    return profile.categories().get(category);
  }

  private static Call call(String name, double start, double duration) {
    return new Call(name, 1, start, duration);
  }
}
