package dev.utter.cli;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.worker.WorkerRun;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FrameListener;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Watermark;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.network.Networks;
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.WatermarkingSettings;
import dev.utter.worker.settings.WorkerSettings;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The process of a worker with the real model, in which libtorch fails after some frames with the
 * error of a lost CUDA device.
 */
@Command(name = "losing")
final class LosingWorker implements Callable<Integer> {
  static final String LOST = "CUDA error: an illegal memory access was encountered";

  private static final int FRAMES = 3;

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new LosingWorker())
            .setExecutionExceptionHandler(new FailureMessage())
            .execute(arguments));
  }

  @Override
  public Integer call() {
    WorkerRun.untilEnd(
        new WorkerProcess(WorkerSettings.parse("", System.getenv()), new LosingNetworks()));
    return ExitCodes.OK;
  }

  private static final class LosingNetworks implements Networks {
    @Override
    public SpeechModel speech(WorkerSettings settings) {
      ModelSettings model = settings.model().orElseThrow();
      return new LosingModel(
          SpeechModels.load(model.source().locate(HubSettings.ofProcess()), model.speech()),
          TorchEngine.start(model.engine()));
    }

    @Override
    public AudioWatermark watermark(WorkerSettings settings) {
      WatermarkingSettings watermark = settings.watermark().orElseThrow();
      return Watermark.load(
          TorchEngine.start(settings.model().orElseThrow().engine()),
          watermark.source().locate(HubSettings.ofProcess()),
          watermark.detection());
    }
  }

  private record LosingModel(SpeechModel model, TorchEngine engine) implements SpeechModel {
    @Override
    public CompletableFuture<Speech> submit(
        Utterance utterance, SynthesisOptions options, Urgency urgency, FrameListener listener) {
      return model.submit(
          utterance,
          options,
          urgency,
          frames -> {
            if (frames >= FRAMES) {
              lose();
            }
            return listener.onFrame(frames);
          });
    }

    private void lose() {
      String source =
          """
          class Losing(Module):
            __parameters__ = []
            __buffers__ = []
            training : bool

            def lose(self) -> int:
              ops.prim.RaiseException("%s", "builtins.RuntimeError")
              return 0
          """
              .formatted(LOST);
      try (TorchProgram program = TorchProgram.compile(engine, "losing", source)) {
        program.runLong("lose");
      }
    }

    @Override
    public ModelDescription description() {
      return model.description();
    }

    @Override
    public AudioCodes encode(AudioClip clip) {
      return model.encode(clip);
    }

    @Override
    public int maxFrames(Utterance utterance) {
      return model.maxFrames(utterance);
    }

    @Override
    public int slots() {
      return model.slots();
    }

    @Override
    public EngineStatistics statistics() {
      return model.statistics();
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
