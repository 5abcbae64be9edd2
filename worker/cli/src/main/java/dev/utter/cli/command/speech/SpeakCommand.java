package dev.utter.cli.command.speech;

import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.cli.command.PrecisionOption;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.failure.ContextTooLongException;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.failure.InvalidUtteranceException;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Speaks one utterance, without Kafka. */
@Command(
    name = "speak",
    description = {
      "Speaks one utterance into a file, without Kafka.",
      "The clip carries the watermark; where it cannot be found in the encoded clip nothing is"
          + " written."
    },
    exitCodeList = {
      "0:written",
      "1:nothing was written: the clip was empty, or too short or too quiet for the mark",
      "2:wrong command line, or an utterance the model cannot take",
      "3:the model or a file cannot be read or written"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class SpeakCommand implements Callable<Integer> {
  private static final long MILLIS_PER_SECOND = 1000;

  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;
  @Mixin private DeviceOption device;
  @Mixin private PrecisionOption precision;
  @Mixin private KeyOptions keys;
  @Mixin private FormatOption format;

  @Option(names = "--text", paramLabel = "TEXT", required = true, description = "What to say.")
  private String text;

  @Option(
      names = "--speaker",
      paramLabel = "N",
      description = "Speaker number (default: ${DEFAULT-VALUE}).",
      defaultValue = "0")
  private int speaker;

  @Option(
      names = "--context",
      paramLabel = "N:TEXT:FILE",
      description =
          "Earlier utterance that sets the voice; oldest first. The first colon ends the speaker,"
              + " the last one begins the file, so the text may hold colons.")
  private List<String> context = List.of();

  @Option(
      names = "--tolerate-damaged-context",
      description =
          "Use a cut or damaged recording as far as it can be decoded. By default it is refused.")
  private boolean tolerateDamagedContext;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of the sampling noise (default: ${DEFAULT-VALUE}).",
      defaultValue = "0")
  private long seed;

  @Option(names = "--greedy", description = "Greedy decoding: the same as --top-k 1.")
  private boolean greedy;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Sampling temperature (default: ${DEFAULT-VALUE}).",
      defaultValue = "0.9")
  private float temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Number of most probable codes to sample from (default: ${DEFAULT-VALUE}).",
      defaultValue = "50")
  private int topK;

  @Option(
      names = "--max-duration",
      paramLabel = "SECONDS",
      description = "Longest audio wanted, 0.08 to 90 (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  private double maxDuration;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The clip.")
  private Path out;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  /** Whether the launcher found standard error to be a terminal. */
  private final boolean terminal = Boolean.getBoolean("utter.terminal");

  @Override
  public Integer call() throws Exception {
    FileFormat fileFormat = format.of(out);
    WatermarkKey key = keys.key();
    List<ContextArgument> arguments = context.stream().map(this::parse).toList();
    AudioFiles files = new AudioFiles();
    Speech speech;
    Detection detection;
    progress("Loading " + models.model());
    try (SpeechModel model = SpeechModels.load(models.model(), settings());
        Watermark watermark = models.loadWatermark(device.engine())) {
      speech = speak(model, new Utterance(speaker, text, encode(arguments, files, model)));
      progress((terminal ? "\r" : "") + "Marking " + speech.codes().frames() + " frames");
      detection = files.writeMarked(speech.audio(), out, fileFormat, watermark, key);
    } catch (InvalidUtteranceException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    } catch (EmptyAudioException e) {
      spec.commandLine().getErr().println("utter: nothing written: " + e.getMessage());
      return ExitCodes.NO;
    }
    report(speech, detection, key);
    return detection.matches() ? ExitCodes.OK : ExitCodes.NO;
  }

  private SpeechSettings settings() {
    return new SpeechSettings(
        device.engine().withPrecision(precision.precision()),
        GenerationSettings.defaults().withSlots(1).withPrefixBytes(0),
        EndingSettings.defaults());
  }

  private ContextArgument parse(String argument) {
    try {
      return ContextArgument.parse(argument);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--context: " + e.getMessage(), e);
    }
  }

  private List<ContextSegment> encode(
      List<ContextArgument> arguments, AudioFiles files, SpeechModel model) throws IOException {
    List<ContextSegment> segments = new ArrayList<>();
    for (ContextArgument argument : arguments) {
      Recording recording = read(argument, files, model);
      Stream.concat(
              recording.notes().stream(),
              AudioNote.lengthFor(argument.text(), recording.clip().duration()).stream())
          .forEach(note -> progress(describe(argument.file(), note)));
      segments.add(
          new ContextSegment(argument.speaker(), argument.text(), model.encode(recording.clip())));
    }
    return segments;
  }

  private Recording read(ContextArgument argument, AudioFiles files, SpeechModel model)
      throws IOException {
    DecodeOptions options =
        DecodeOptions.atRate(model.description().sampleRate()).tolerant(tolerateDamagedContext);
    try {
      return files.read(argument.file(), options);
    } catch (IOException e) {
      if (e.getCause() instanceof UnreadableAudioException cause && cause.isDamaged()) {
        throw new IOException(
            e.getMessage() + "; --tolerate-damaged-context uses what can be decoded", e);
      }
      throw e;
    }
  }

  private static String describe(Path file, AudioNote note) {
    return String.format(
        Locale.ROOT,
        "Note: %s at %.1f s: %s",
        file,
        note.position().toMillis() / (double) MILLIS_PER_SECOND,
        note.message());
  }

  private Speech speak(SpeechModel model, Utterance utterance) {
    try {
      return model.speak(
          utterance,
          options(model),
          frames -> {
            if (terminal) {
              spec.commandLine().getErr().print("\rFrame " + frames);
              spec.commandLine().getErr().flush();
            }
            return true;
          });
    } catch (ContextTooLongException e) {
      double seconds =
          model.description().duration(e.excess()).toMillis() / (double) MILLIS_PER_SECOND;
      throw new ParameterException(
          spec.commandLine(),
          String.format(Locale.ROOT, "%s, which is %.1f s of sound", e.getMessage(), seconds),
          e);
    }
  }

  private SynthesisOptions options(SpeechModel model) {
    int maxFrames =
        model.description().frames(Duration.ofMillis(Math.round(maxDuration * MILLIS_PER_SECOND)));
    try {
      return new SynthesisOptions(maxFrames, temperature, greedy ? 1 : topK, seed);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void progress(String message) {
    spec.commandLine().getErr().println(message);
  }

  private void report(Speech speech, Detection detection, WatermarkKey key) {
    PrintWriter stdout = spec.commandLine().getOut();
    double seconds = speech.audio().duration().toMillis() / (double) MILLIS_PER_SECOND;
    if (json) {
      stdout.println(
          MarkReport.marked(out, detection, key)
              .put("frames", speech.codes().frames())
              .put("seconds", seconds)
              .put("finishReason", speech.finishReason().name())
              .put("seed", seed));
    } else if (detection.matches()) {
      stdout.printf(
          Locale.ROOT,
          "%s: %.2f s, %s, marked with key %s%n",
          out,
          seconds,
          speech.finishReason(),
          key.id());
    } else {
      stdout.println(MarkReport.notWritten(out, detection));
    }
    stdout.flush();
  }
}
