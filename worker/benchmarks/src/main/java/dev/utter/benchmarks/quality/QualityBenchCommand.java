package dev.utter.benchmarks.quality;

import dev.utter.benchmarks.measure.SizedWatermark;
import dev.utter.benchmarks.quality.SpokenSentences.Voice;
import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures what an ear understands of clips. */
@Command(
    name = "quality",
    description = {
      "Speaks sentences, has them transcribed, and reports the word error rate, how the clips ended,"
          + " and the similarity of the voice, for each precision, before and after marking.",
      "--wavs does the same for recordings, without a model.",
      "The built-in ear is CMU Sphinx: its rates serve comparisons, not judgements of one clip."
    },
    exitCodeList = {
      "0:measured",
      "2:wrong command line",
      "3:the model cannot be loaded or run, or a command failed"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class QualityBenchCommand implements Callable<Integer> {
  private static final String SENTENCES = "sentences.txt";

  @Spec private CommandSpec spec;
  @Mixin private DeviceOption device;

  @ArgGroup(multiplicity = "1")
  private Source source;

  private static final class Source {
    @Parameters(arity = "1", paramLabel = "DIR", description = "Folder of a CSM checkpoint.")
    private Path model;

    @Option(
        names = "--wavs",
        paramLabel = "DIR",
        description = "Recordings NAME.wav instead, each with its text in NAME.txt.")
    private Path wavs;
  }

  @Option(
      names = "--precision",
      split = ",",
      paramLabel = "P",
      defaultValue = "FLOAT32",
      description =
          "How weights are held: ${COMPLETION-CANDIDATES}, separated by commas (default:"
              + " ${DEFAULT-VALUE}).")
  private List<Precision> precisions;

  @Option(
      names = "--sentences",
      paramLabel = "FILE",
      description = "What to say, a sentence a line (default: twenty that ship with the project).")
  private Path sentences;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description = "Seed of the first sentence (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--reference",
      paramLabel = "FILE",
      description = "Recording of the voice that is wanted; with --reference-text, context too.")
  private Path reference;

  @Option(
      names = "--reference-text",
      paramLabel = "TEXT",
      description = "What is said in the recording.")
  private String referenceText;

  @Option(
      names = "--transcriber",
      paramLabel = "COMMAND",
      description =
          "Command that prints the words of a clip, for example 'whisper-cli -nt -f {wav}', where"
              + " {wav} is a WAV file (default: the built-in ear).")
  private String transcriber;

  @Option(
      names = "--similarity",
      paramLabel = "COMMAND",
      description =
          "Command that prints the similarity of the voices of {wav} and {reference} as a number.")
  private String similarity;

  @Option(
      names = "--watermark",
      paramLabel = "DIR",
      description =
          "Folder of the SilentCipher networks: judge every clip once more after marking.")
  private Path watermark;

  @Option(
      names = "--random",
      paramLabel = "SIZES",
      description = "The same with random networks of these sizes: silentcipher.")
  private String random;

  @Option(names = "--json", description = "Print JSON lines: each clip, then the summaries.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    try {
      measure();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return ExitCodes.OK;
  }

  private void measure() throws IOException {
    if (random != null && !random.equals(SizedWatermark.SIZES)) {
      throw new IllegalArgumentException(
          "--random is " + random + ", must be " + SizedWatermark.SIZES);
    }
    if (watermark != null && random != null) {
      throw new IllegalArgumentException("--watermark and --random exclude each other");
    }
    if (similarity != null && reference == null) {
      throw new IllegalArgumentException("--similarity needs --reference");
    }
    if (referenceText != null && reference == null) {
      throw new IllegalArgumentException("--reference-text needs --reference");
    }
    Optional<Similarity> likeness =
        Optional.ofNullable(similarity)
            .map(command -> new Similarity(new ExternalCommand(command), reference));
    Optional<Transcriber> named =
        Optional.ofNullable(transcriber)
            .map(command -> new CommandTranscriber(new ExternalCommand(command)));
    List<ClipSource> sources = sources();
    Transcriber ear = named.orElseGet(SphinxTranscriber::new);
    Optional<QualityBench.Marker> marker = marker();
    try {
      QualityBench bench = new QualityBench(ear, likeness, marker);
      for (ClipSource each : sources) {
        bench.run(each, this::print).forEach(this::print);
      }
    } finally {
      marker.ifPresent(it -> it.watermark().close());
    }
  }

  private List<ClipSource> sources() throws IOException {
    if (source.wavs != null) {
      return List.of(new Recordings(source.wavs));
    }
    if (!Files.isDirectory(source.model)) {
      throw new IllegalArgumentException(source.model + " is not a folder");
    }
    List<String> texts = texts();
    Optional<Voice> voice = voice();
    return precisions.stream()
        .map(
            precision ->
                (ClipSource)
                    new SpokenSentences(
                        source.model,
                        new SpeechSettings(
                            device.engine().withPrecision(precision),
                            GenerationSettings.defaults().withSlots(1),
                            EndingSettings.defaults()),
                        texts,
                        seed,
                        voice))
        .toList();
  }

  private Optional<Voice> voice() throws IOException {
    return referenceText == null
        ? Optional.empty()
        : Optional.of(
            new Voice(
                new AudioDecoder(AudioLimits.DEFAULT).decode(Files.readAllBytes(reference)),
                referenceText));
  }

  private List<String> texts() throws IOException {
    List<String> texts =
        (sentences == null ? shipped() : Files.readString(sentences).lines())
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    if (texts.isEmpty()) {
      throw new IllegalArgumentException(sentences + " has no sentences");
    }
    return texts;
  }

  private static Stream<String> shipped() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    QualityBenchCommand.class.getResourceAsStream(SENTENCES), SENTENCES),
                StandardCharsets.UTF_8))) {
      return in.lines().toList().stream();
    }
  }

  private Optional<QualityBench.Marker> marker() {
    if (random != null) {
      AudioWatermark networks = SizedWatermark.load(TorchEngine.start(device.engine()));
      return Optional.of(new QualityBench.Marker(SizedWatermark.NAME, networks));
    }
    return Optional.ofNullable(watermark)
        .map(
            folder ->
                new QualityBench.Marker(
                    String.valueOf(folder.toAbsolutePath().normalize().getFileName()),
                    Watermark.load(
                        TorchEngine.start(device.engine()), folder, WatermarkSettings.DEFAULT)));
  }

  private void print(ClipSource of, ClipResult result) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(result.toJson(of));
    } else {
      out.printf(
          "%s%s: %d errors in %d words: %s%n",
          result.clip().name(),
          result.marked() ? " marked" : "",
          result.errors().errors(),
          result.errors().words(),
          result.transcript());
    }
    out.flush();
  }

  private void print(QualitySummary summary) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? summary.toJson().toString() : summary.row());
    out.flush();
  }
}
