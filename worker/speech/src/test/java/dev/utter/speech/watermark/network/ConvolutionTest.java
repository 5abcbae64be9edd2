package dev.utter.speech.watermark.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.torch.program.TensorType;
import dev.utter.speech.watermark.network.Convolution.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kind of processor decides how the networks convolve. */
final class ConvolutionTest {
  @ParameterizedTest
  @ValueSource(strings = {"avx512_bf16", "amx_bf16"})
  void processorsThatMultiplyBfloat16UseItForFirstLooks(String flag) {
    Convolution convolution =
        Convolution.ofProcessor("processor\t: 0\nflags\t\t: fpu avx2 " + flag + " rdpid\n");

    assertThat(convolution.algorithm()).isEqualTo(Algorithm.NNPACK);
    assertThat(convolution.reduced()).contains(TensorType.BFLOAT16);
  }

  @Test
  void otherProcessorsLookIn32Bit() {
    assertThat(Convolution.ofProcessor("flags\t\t: fpu avx2 avx512f\nbugs\t\t: avx512_bf16\n"))
        .isEqualTo(Convolution.EXACT);
    assertThat(Convolution.ofProcessor("")).isEqualTo(Convolution.EXACT);
  }
}
