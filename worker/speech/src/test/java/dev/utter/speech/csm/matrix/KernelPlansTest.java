package dev.utter.speech.csm.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.torch.EngineSettings.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelPlansTest {

  @Test
  void int8UsesTheCpuOperatorsOnlyWhereThereAreAny() {
    KernelPlans plans = new KernelPlans(Precision.INT8, false, true, true);
    MatrixPlan expected = MatrixPlan.of(MatrixStorage.CPU_INT8, MatrixKernel.CPU_INT8);
    assertThat(plans.inside(64, 32)).isEqualTo(expected);
    assertThat(plans.outside(64, 32)).isEqualTo(expected);
    assertThat(plans.customSteps()).isTrue();
    assertThat(plans.packsInt8()).isFalse();
  }

  @Test
  void int4HoldsTheMlpsOfTheDepthDecoderIn4BitAndTheRestIn8() {
    // Given
    KernelPlans plans = new KernelPlans(Precision.INT4, false, true, true);
    MatrixPlan eight = MatrixPlan.of(MatrixStorage.CPU_INT8, MatrixKernel.CPU_INT8);

    // When
    MatrixPlan mlp = plans.insideDepthMlp(64, 32);

    // Then
    assertThat(mlp).isEqualTo(MatrixPlan.of(MatrixStorage.CPU_INT4, MatrixKernel.CPU_INT4));
    assertThat(plans.inside(64, 32)).isEqualTo(eight);
    assertThat(plans.outside(64, 32)).isEqualTo(eight);
    assertThat(plans.customSteps()).isTrue();
    assertThat(plans.chosen()).containsOnlyKeys("64x32", "depth MLP 64x32");
  }

  @Test
  void withoutOperatorsInt4IsInt8() {
    for (boolean packs : new boolean[] {true, false}) {
      KernelPlans int4 = new KernelPlans(Precision.INT4, false, false, packs);
      KernelPlans int8 = new KernelPlans(Precision.INT8, false, false, packs);
      assertThat(int4.insideDepthMlp(64, 32)).isEqualTo(int8.insideDepthMlp(64, 32));
      assertThat(int4.outside(64, 32)).isEqualTo(int8.outside(64, 32));
      assertThat(int4.packsInt8()).isEqualTo(packs);
      assertThat(int4.chosen()).isEqualTo(int8.chosen());
    }
  }

  @Test
  void whereLibtorchCannotPackTheCpuOperatorsAreUsedAllTheSame() {
    KernelPlans plans = new KernelPlans(Precision.INT8, false, true, false);
    assertThat(plans.inside(64, 20).storage()).isEqualTo(MatrixStorage.CPU_INT8);
    assertThat(plans.outside(64, 20).storage()).isEqualTo(MatrixStorage.CPU_INT8);
    assertThat(plans.customSteps()).isTrue();
    assertThat(new KernelPlans(Precision.FLOAT32, false, true, false).customSteps()).isTrue();
  }

  @Test
  void withoutOperatorsInt8KeepsHeadsIn16Bit() {
    KernelPlans plans = new KernelPlans(Precision.INT8, false, false, true);
    assertThat(plans.inside(64, 32).storage()).isEqualTo(MatrixStorage.PACKED_INT8);
    assertThat(plans.outside(64, 32).storage()).isEqualTo(MatrixStorage.PACKED_FLOAT16);
    assertThat(plans.customSteps()).isFalse();
  }

  @Test
  void whereLibtorchCannotPackItsPlainStoragesAreUsed() {
    KernelPlans int8 = new KernelPlans(Precision.INT8, false, false, false);
    assertThat(int8.inside(64, 32).storage()).isEqualTo(MatrixStorage.PLAIN_INT8);
    assertThat(int8.inside(64, 20).storage()).isEqualTo(MatrixStorage.PLAIN_FLOAT16);
    assertThat(int8.packsInt8()).isFalse();
    KernelPlans float16 = new KernelPlans(Precision.FLOAT16, false, false, false);
    assertThat(float16.inside(64, 32).storage()).isEqualTo(MatrixStorage.PLAIN_FLOAT16);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void thePlanFollowsFromTheShapeAlone(Precision precision) {
    KernelPlans one = new KernelPlans(precision, false, true, true);
    KernelPlans other = new KernelPlans(precision, false, true, true);
    other.outside(7, 9);
    assertThat(one.inside(64, 32)).isEqualTo(other.inside(64, 32));
    assertThat(one.outside(2051, 32)).isEqualTo(other.outside(2051, 32));
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"INT8", "INT4"})
  void aGpuHasNoInt8AndNoInt4(Precision precision) {
    assertThatThrownBy(() -> new KernelPlans(precision, true, false, false))
        .hasMessage(
            "precision is %s, which runs on the CPU only, but the device is a GPU", precision);
    assertThat(new KernelPlans(Precision.FLOAT16, true, false, false).outside(8, 8))
        .isEqualTo(MatrixPlan.of(MatrixStorage.PLAIN, MatrixKernel.MM));
  }
}
