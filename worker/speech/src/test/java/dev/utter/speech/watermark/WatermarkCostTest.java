package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.OperatingSystemMXBean;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.Resampler;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Measures processor time of the watermark program against its slow twin, turn by turn, and prints
 * a line for each size. Processor time says more than wall time on a machine that does other work.
 */
@EnabledIfSystemProperty(
    named = "utter.measure",
    matches = "true",
    disabledReason = "measures for minutes; ask for it with -Dutter.measure=true")
final class WatermarkCostTest {
  private static final int TURNS = 2;
  private static final double RATIO = Math.pow(10, 36 / 20.);
  private static final long[] MESSAGE = MessageCode.symbols(WatermarkKey.PUBLIC_DEMO.bytes());

  private final TorchEngine engine =
      TorchEngine.start(EngineSettings.defaults().withThreads(Integer.getInteger("threads", 1)));

  @ParameterizedTest
  @CsvSource({"development,2", "development,10", "development,30", "real,2", "real,10"})
  void costsLessThanItsSlowTwin(String network, int seconds) {
    boolean real = network.equals("real");
    HyperParameters numbers =
        real
            ? RealSizes.NUMBERS
            : HyperParameters.read(WatermarkReference.FOLDER.resolve("hparams.yaml"));
    WatermarkTensors tensors =
        real ? RealSizes.tensors() : WatermarkTensors.read(WatermarkReference.FOLDER, numbers);
    float[] clip = Noise.speechLike(1, seconds * numbers.sampleRate());
    double[] best = new double[4];
    Arrays.fill(best, Double.MAX_VALUE);
    try (WatermarkNetworks slow = WholePlanes.load(engine, tensors, numbers);
        WatermarkNetworks fast =
            WatermarkNetworks.load(
                engine, TorchProgram.load(engine, "watermark"), tensors, numbers, true)) {
      for (int turn = 0; turn < TURNS; turn++) {
        best[0] = Math.min(best[0], time(() -> slow.embed(clip, MESSAGE, RATIO)));
        best[1] = Math.min(best[1], time(() -> fast.embed(clip, MESSAGE, RATIO)));
        best[2] = Math.min(best[2], time(() -> slow.logits(clip)));
        best[3] = Math.min(best[3], time(() -> fast.logits(clip)));
      }
    }
    System.out.printf(
        "%s network, %d s: embed %.3f -> %.3f s per audio second (%.2fx),"
            + " a pass of detection %.3f -> %.3f (%.2fx)%n",
        network,
        seconds,
        best[0] / seconds,
        best[1] / seconds,
        best[0] / best[1],
        best[2] / seconds,
        best[3] / seconds,
        best[2] / best[3]);
    assertThat(best[1]).isLessThan(best[0]);
    assertThat(best[3]).isLessThan(best[2]);
  }

  @Test
  void resamplingIsASmallPartOfIt() {
    AudioClip clip = new AudioClip(Noise.speechLike(1, 10 * 24_000), 24_000);
    double best = Double.MAX_VALUE;
    for (int turn = 0; turn < 5 * TURNS; turn++) {
      best =
          Math.min(best, time(() -> Resampler.resample(Resampler.resample(clip, 44_100), 24_000)));
    }
    System.out.printf("resampling there and back: %.4f s per audio second%n", best / 10);
    assertThat(best / 10).isLessThan(0.02);
  }

  private static double time(Runnable work) {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long before = system.getProcessCpuTime();
    work.run();
    return (system.getProcessCpuTime() - before) / 1e9;
  }
}
