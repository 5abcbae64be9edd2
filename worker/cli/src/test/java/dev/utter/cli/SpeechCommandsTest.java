package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that work without Kafka, with the development model. */
class SpeechCommandsTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));
  private static final Path FIXTURE = HOME.resolve("worker/speech/src/test/fixtures/csm-tiny");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"clip.wav", "clip.flac", "clip.opus", "clip.mp3"})
  void whatIsSpokenCarriesTheMark(String name) {
    // Given
    String clip = folder.resolve(name).toString();

    // When
    CommandRun spoken =
        CommandRun.of(
            "speak", "--text", "Hello.", "--seed", "3", "--max-duration", "4", "--out", clip);
    CommandRun detected = CommandRun.of("watermark", "detect", clip);

    // Then
    assertThat(spoken.exitCode()).as(spoken.err()).isZero();
    assertThat(detected.exitCode()).as(detected.err()).isZero();
    assertThat(detected.out()).contains("MATCH", "public-demo");
  }

  @Test
  void theSameSeedGivesTheSameFileAndAnotherDoesNot() throws IOException {
    // When
    byte[] first = speak("first.wav", "--seed", "1");
    byte[] again = speak("again.wav", "--seed", "1");
    byte[] other = speak("other.wav", "--seed", "2");

    // Then
    assertThat(again).isEqualTo(first);
    assertThat(other).isNotEqualTo(first);
  }

  @Test
  void speaksWithWeightsOfEightBits() throws IOException {
    // When
    byte[] clip = speak("eight.wav", "--greedy", "--precision", "int8");

    // Then
    assertThat(clip).isNotEmpty();
  }

  @Test
  void aPrecisionThatDoesNotExistIsAUsageErrorThatNamesThoseThatDo() {
    // When
    CommandRun run =
        CommandRun.of("speak", "--text", "Hello.", "--precision", "float8", "--out", "clip.wav");

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--precision", "float8", "FLOAT32", "INT8");
  }

  @Test
  void aContextChangesTheVoice() throws IOException {
    // Given
    String context = "0:Hey, listen: how are you?:" + FIXTURE.resolve("audio/utterance_0.wav");

    // When
    byte[] without = speak("without.wav", "--greedy");
    byte[] with = speak("with.wav", "--greedy", "--context", context);

    // Then
    assertThat(with).isNotEqualTo(without);
  }

  @Test
  void aCutRecordingIsUsedOnlyWhereThatIsWantedAndThatIsSaid() throws IOException {
    // Given
    byte[] whole = Files.readAllBytes(FIXTURE.resolve("audio/utterance_0.wav"));
    Path cut = Files.write(folder.resolve("cut.wav"), Arrays.copyOf(whole, whole.length / 2));
    String context = "0:Hey, how are you?:" + cut;
    String out = folder.resolve("clip.wav").toString();
    String[] speak = {
      "speak",
      "--text",
      "Hello.",
      "--greedy",
      "--max-duration",
      "4",
      "--out",
      out,
      "--context",
      context
    };

    // When
    CommandRun strict = CommandRun.of(speak);
    CommandRun tolerant =
        CommandRun.of(
            Stream.concat(Stream.of(speak), Stream.of("--tolerate-damaged-context"))
                .toArray(String[]::new));

    // Then
    assertThat(strict.exitCode()).isEqualTo(3);
    assertThat(strict.err())
        .contains(
            "cut.wav cannot be read: WAV is cut off at", "--tolerate-damaged-context uses what");
    assertThat(tolerant.exitCode()).as(tolerant.err()).isZero();
    assertThat(tolerant.err()).contains("Note: " + cut, "WAV is cut off at");
  }

  @ParameterizedTest
  @CsvSource({"m4a, -c:a aac -b:a 128k", "aac, -c:a aac -b:a 128k", "webm, -c:a libopus -b:a 96k"})
  void theMarkIsFoundInFormatsThatDelayTheSound(String extension, String arguments)
      throws Exception {
    // Given
    Path clip = folder.resolve("clip.wav");
    Path other = folder.resolve("clip." + extension);
    assertThat(
            CommandRun.of(
                    "speak",
                    "--text",
                    "Hello.",
                    "--seed",
                    "3",
                    "--max-duration",
                    "8",
                    "--out",
                    clip.toString())
                .exitCode())
        .isZero();
    convert(clip, arguments, other);

    // When
    CommandRun detected = CommandRun.of("watermark", "detect", other.toString());

    // Then
    assertThat(detected.exitCode()).as(detected.out() + detected.err()).isZero();
  }

  @Test
  void aContextTooLongForTheModelIsAUsageErrorWithTheSecondsToCut() throws IOException {
    // Given: 90 s take 1125 of the model's 2048 positions, 80 s of context 1000, its text the rest
    byte[] long80 =
        new AudioEncoder(AudioLimits.DEFAULT)
            .encode(new AudioClip(new float[24_000 * 80], 24_000), FileFormat.WAV_PCM16);
    Path recording = Files.write(folder.resolve("long.wav"), long80);

    // When
    CommandRun run =
        CommandRun.of(
            "speak",
            "--text",
            "Hello.",
            "--max-duration",
            "90",
            "--out",
            folder.resolve("clip.wav").toString(),
            "--context",
            "0:A long silence.:" + recording);

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("by 104 frames or tokens in all, which is 8.3 s of sound")
        .contains("the whole recording is silent", "the recording has 80.0 s; its text takes");
  }

  @Test
  void aFileThatCannotBeReadIsNotCalledUnmarked() throws IOException {
    // Given
    Path file = Files.write(folder.resolve("clip.m4a"), new byte[500]);

    // When
    CommandRun run = CommandRun.of("watermark", "detect", file.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("clip.m4a cannot be read: the file is none of the audio formats");
  }

  private void convert(Path from, String arguments, Path to) throws Exception {
    List<String> command = new ArrayList<>(List.of(ffmpeg().toString(), "-nostdin", "-y", "-i"));
    command.add(from.toString());
    command.addAll(List.of(arguments.split(" ")));
    command.add(to.toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile());
    builder.environment().put("LD_LIBRARY_PATH", ffmpeg().getParent().toString());
    assertThat(builder.start().waitFor()).as(Files.readString(folder.resolve("log"))).isZero();
  }

  /** The packaged program; its first use unpacks it. */
  private static Path ffmpeg() throws IOException {
    String cache = System.getProperty("utter.cache", System.getenv("UTTER_CACHE"));
    Path folder =
        cache == null
            ? Path.of(System.getProperty("user.home"), ".cache", "utter")
            : Path.of(cache);
    new AudioEncoder(AudioLimits.DEFAULT)
        .encode(new AudioClip(new float[2400], 24_000), FileFormat.FLAC);
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .map(path -> path.resolve("ffmpeg"))
          .filter(Files::isExecutable)
          .max(Comparator.comparing(path -> path.toFile().lastModified()))
          .orElseThrow();
    }
  }

  @Test
  void aClipTooShortForTheMarkIsNotWritten() {
    // Given
    Path clip = folder.resolve("clip.wav");

    // When
    CommandRun run =
        CommandRun.of(
            "speak",
            "--text",
            "Hello.",
            "--greedy",
            "--max-duration",
            "0.08",
            "--out",
            clip.toString(),
            "--json");

    // Then
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("\"written\":false");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anUtteranceTheModelCannotTakeIsAUsageErrorThatNamesTheField() {
    // When
    CommandRun run =
        CommandRun.of("speak", "--text", " ", "--out", folder.resolve("clip.wav").toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("text");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aMarkWithAnotherKeyIsNotTheExpectedOne() throws IOException {
    // Given
    Path key = Files.writeString(folder.resolve("key"), "0102030405");
    String clip = folder.resolve("clip.flac").toString();
    CommandRun.of(
        "watermark",
        "embed",
        voice().toString(),
        clip,
        "--key-file",
        key.toString(),
        "--key-id",
        "studio");

    // When
    CommandRun withKey = CommandRun.of("watermark", "detect", clip, "--key-file", key.toString());
    CommandRun withoutKey = CommandRun.of("watermark", "detect", clip, "--json");

    // Then
    assertThat(withKey.exitCode()).as(withKey.out()).isZero();
    assertThat(withoutKey.exitCode()).isEqualTo(1);
    assertThat(withoutKey.out()).contains("OTHER_KEY").doesNotContain("1, 2, 3, 4, 5");
  }

  @Test
  void aClipWithoutAMarkIsNotFoundToHaveOne() {
    // When
    CommandRun run = CommandRun.of("watermark", "detect", voice().toString(), "--json");

    // Then
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("NOT_FOUND");
  }

  @Test
  void silenceCannotBeMarkedSoNothingIsWritten() throws IOException {
    // Given
    Path silence = folder.resolve("silence.wav");
    Files.write(
        silence,
        new AudioEncoder(AudioLimits.DEFAULT)
            .encode(new AudioClip(new float[72_000], 24_000), FileFormat.WAV_PCM16));
    Path out = folder.resolve("marked.wav");

    // When
    CommandRun run = CommandRun.of("watermark", "embed", silence.toString(), out.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(out).doesNotExist();
  }

  @Test
  void parityHoldsOnTheReference() throws IOException {
    // When
    CommandRun run = CommandRun.of("parity", FIXTURE.toString(), "--json");

    // Then
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(run.exitCode()).as(run.out() + run.err()).isZero();
    assertThat(report.path("passed").asBoolean()).isTrue();
    assertThat(report.path("comparisons").findValuesAsText("quantity"))
        .contains("case.context.codes", "watermark.utterance_1.symbols");
  }

  @Test
  void parityFailsOnAReferenceThatDisagrees() throws IOException {
    // Given
    copy(FIXTURE, folder);
    Path reference = folder.resolve("reference.safetensors");
    byte[] numbers = Files.readAllBytes(reference);
    // The file ends with 32-bit codes, little-endian: the last one is off by one now.
    numbers[numbers.length - Integer.BYTES] ^= 1;
    Files.write(reference, numbers);

    // When
    CommandRun run = CommandRun.of("parity", folder.toString());

    // Then
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.out()).contains("FAIL");
  }

  @Test
  void aCheckpointIsDescribedByItsSizes() throws IOException {
    // When
    CommandRun run = CommandRun.of("model", "inspect", FIXTURE.toString(), "--json");

    // Then
    JsonNode model = new ObjectMapper().readTree(run.out());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(model.path("layout").asText()).isEqualTo("TRANSFORMERS");
    assertThat(model.path("codebooks").asInt()).isEqualTo(8);
    assertThat(model.path("files").asInt()).isEqualTo(7);
    assertThat(model.path("backbone").path("layers").asInt()).isEqualTo(3);
    assertThat(model.path("slotIn32Bit").path("bytes").asLong())
        .isGreaterThan(2048 * model.path("slotIn32Bit").path("bytesPerPosition").asLong());
  }

  @Test
  void aFolderThatIsNoCheckpointIsReportedInOneLine() {
    // When
    CommandRun run = CommandRun.of("model", "inspect", folder.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err().lines()).singleElement().asString().contains("config.json");
  }

  @Test
  void aRandomModelDoesNotReplaceWhatIsThere() throws IOException {
    // Given
    Path mine = Files.writeString(folder.resolve("mine"), "mine");

    // When
    CommandRun run = CommandRun.of("model", "random", "csm-1b", "--out", folder.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains(folder + ": exists and is not empty");
    assertThat(mine).hasContent("mine");
  }

  @Test
  void aRandomModelOfUnknownSizesIsAUsageError() {
    // When
    CommandRun run = CommandRun.of("model", "random", "csm-9b", "--out", folder.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("SIZES is csm-9b, must be csm-1b");
  }

  private byte[] speak(String name, String... options) throws IOException {
    Path clip = folder.resolve(name);
    CommandRun run =
        CommandRun.of(
            Stream.concat(
                    Stream.of(
                        "speak",
                        "--text",
                        "Hello.",
                        "--max-duration",
                        "3",
                        "--out",
                        clip.toString()),
                    Stream.of(options))
                .toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return Files.readAllBytes(clip);
  }

  private static Path voice() {
    return FIXTURE.resolve("audio/utterance_1.wav");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }
}
