package dev.utter.speech.torch.host;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArmProcessorTest {

  @Test
  void aProcessorWithoutAtomicInstructionsIsRefused() {
    List<String> cortexA72 =
        List.of("processor\t: 0", "Features\t: fp asimd evtstrm crc32 cpuid", "CPU part\t: 0xd08");

    assertThatThrownBy(() -> ArmProcessor.check(cortexA72))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("the processor lacks the atomic instructions of Armv8.1");
  }

  @Test
  void oneThatHasThemIsTaken() {
    List<String> neoverseN1 =
        List.of("processor\t: 0", "Features\t: fp asimd aes crc32 atomics fphp asimddp");

    assertThatCode(() -> ArmProcessor.check(neoverseN1)).doesNotThrowAnyException();
  }

  @Test
  void otherPlatformsAreNotChecked() {
    assertThatCode(() -> ArmProcessor.check(List.of("flags\t\t: fpu sse2 avx2")))
        .doesNotThrowAnyException();
    assertThatCode(ArmProcessor::check).doesNotThrowAnyException();
  }
}
