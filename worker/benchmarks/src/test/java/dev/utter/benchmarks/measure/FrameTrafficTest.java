package dev.utter.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.utter.benchmarks.measure.FrameTraffic.Widths;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import org.junit.jupiter.api.Test;

class FrameTrafficTest {

  private final CsmConfig csm1b = RandomCheckpoint.csm1b(1).config();

  @Test
  void aFrameOfCsm1bReadsItsDepthDecoder31Times() {
    // When
    FrameTraffic traffic = FrameTraffic.of(csm1b, widths("cpu", Precision.FLOAT32));

    // Then
    assertThat(traffic.weightBytes())
        .isEqualTo(4 * (977_346_560.0 + 31 * 111_158_272L + 2_097_152 + 65_106_944));
    assertThat(traffic.cacheBytesPerPosition()).isEqualTo(65_536);
    assertThat(traffic.depthCacheBytes()).isCloseTo(4.3e6, within(0.05e6));
  }

  @Test
  void weightsAreReadOncePerStepAndCachesOncePerStream() {
    // Given
    FrameTraffic traffic = FrameTraffic.of(csm1b, widths("cpu", Precision.FLOAT32));

    // When
    double one = traffic.bytesPerStep(1, 100);
    double eight = traffic.bytesPerStep(8, 100);

    // Then
    assertThat(eight - one).isEqualTo(7 * (100 * 65_536 + traffic.depthCacheBytes()));
  }

  @Test
  void eightBitsHalveWhatSixteenRead() {
    // When
    double sixteen = FrameTraffic.of(csm1b, widths("cpu", Precision.FLOAT16)).weightBytes();
    double eight = FrameTraffic.of(csm1b, widths("cpu", Precision.INT8)).weightBytes();

    // Then
    assertThat(eight).isEqualTo(sixteen / 2);
  }

  @Test
  void withoutOwnOperatorsHeadsKeep16Bits() {
    // Given
    EngineSettings eight =
        EngineSettings.defaults().withDevice("cpu").withPrecision(Precision.INT8);

    // Then
    assertThat(Widths.of(eight, false)).isEqualTo(new Widths(1, 1, 2, 4));
  }

  @Test
  void fourBitsHoldTheMlpsOfTheDepthDecoderWithAScaleOf8BitsFor32Weights() {
    // Given
    double mlps = 31 * 4 * 3 * 1024 * 8192.;

    // When
    double eight = FrameTraffic.of(csm1b, widths("cpu", Precision.INT8)).weightBytes();
    double four = FrameTraffic.of(csm1b, widths("cpu", Precision.INT4)).weightBytes();

    // Then
    assertThat(four).isEqualTo(eight - mlps + mlps * (4 + 8 / 32.) / 8);
    EngineSettings settings =
        EngineSettings.defaults().withDevice("cpu").withPrecision(Precision.INT4);
    assertThat(Widths.of(settings, false)).isEqualTo(new Widths(1, 1, 2, 4));
  }

  @Test
  void onAGpuCachesOf16BitsAreHalfAsLarge() {
    assertThat(widths("cuda:1", Precision.FLOAT16)).isEqualTo(new Widths(2, 2, 2, 2));
    assertThat(widths("cpu", Precision.FLOAT16)).isEqualTo(new Widths(2, 2, 2, 4));
  }

  private static Widths widths(String device, Precision precision) {
    return Widths.of(EngineSettings.defaults().withDevice(device).withPrecision(precision), true);
  }
}
