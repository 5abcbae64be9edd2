package dev.utter.benchmarks;

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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QualityBenchCommandTest {
  private static final Path DEVELOPMENT =
      Path.of(System.getProperty("utter.home"), "worker/speech/models/development");

  @TempDir private Path folder;

  @Test
  void recordingsAreTranscribedBeforeAndAfterMarking() throws IOException {
    // Given
    record("one", "Good morning, world");
    record("two", "Good night");
    Path reference = folder.resolve("two.wav");

    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "quality",
            "--wavs",
            folder.toString(),
            "--watermark",
            DEVELOPMENT.resolve("watermark").toString(),
            "--transcriber",
            script("transcribe", "test -s \"$1\" && echo good morning") + " {wav}",
            "--similarity",
            script("compare", "test -s \"$1\" && test \"$2\" = " + reference + " && echo 0.75")
                + " {wav} {reference}",
            "--reference",
            reference.toString(),
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonNode> lines = lines(run.out());
    assertThat(lines).hasSize(6);
    assertThat(lines.get(0).path("clip").asText()).isEqualTo("one");
    assertThat(lines.get(0).path("deletions").asInt()).isEqualTo(1);
    assertThat(lines.get(1).path("marked").asBoolean()).isTrue();
    assertThat(lines.get(2).path("substitutions").asInt()).isEqualTo(1);
    JsonNode spoken = lines.get(4);
    assertThat(spoken.path("benchmark").asText()).isEqualTo("quality summary");
    assertThat(spoken.path("watermark").asText()).isEqualTo("none");
    assertThat(spoken.path("words").asInt()).isEqualTo(5);
    assertThat(spoken.path("wordErrorRate").asDouble()).isEqualTo(0.4);
    assertThat(spoken.path("similarity").asDouble()).isEqualTo(0.75);
    assertThat(lines.get(5).path("watermark").asText()).isEqualTo("watermark");
  }

  @Test
  void aModelSpeaksSentencesAndItsEndingsAreCounted() throws IOException {
    // Given
    Path sentences = Files.writeString(folder.resolve("sentences"), "Hello.\n\nGood night.\n");

    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "quality",
            DEVELOPMENT.toString(),
            "--sentences",
            sentences.toString(),
            "--precision",
            "FLOAT32,INT8",
            "--transcriber",
            script("transcribe", "echo hello") + " {wav}",
            "--json");

    // Then
    assertThat(run.exitCode()).as(run.err()).isZero();
    List<JsonNode> summaries =
        lines(run.out()).stream().filter(line -> line.has("endings")).toList();
    assertThat(summaries)
        .extracting(line -> line.path("precision").asText())
        .containsExactly("FLOAT32", "INT8");
    assertThat(summaries)
        .allSatisfy(
            summary -> {
              int endings = 0;
              for (JsonNode count : summary.path("endings")) {
                endings += count.asInt();
              }
              assertThat(endings).isEqualTo(2);
            });
  }

  @Test
  void aTranscriberThatFailsEndsTheRun() throws IOException {
    // Given
    record("one", "Good morning");

    // When
    CommandRun run =
        CommandRun.of(
            "bench",
            "quality",
            "--wavs",
            folder.toString(),
            "--transcriber",
            script("fail", "exit 7") + " {wav}");

    // Then
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("ended with status 7");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--transcriber cat                        | has no {wav}",
        "--similarity 'c {wav}'                   | --similarity needs --reference",
        "--reference-text a                       | --reference-text needs --reference",
        "--random silentcipher --watermark none   | exclude each other",
        "--random csm-1b                          | --random is csm-1b, must be silentcipher",
        "--transcriber 'cat {wav}'                | has no recordings",
      })
  void wrongOptionsAreRefused(String options, String message) {
    // Given
    List<String> arguments = new ArrayList<>(List.of("bench", "quality", "--wavs", folder + ""));
    for (String option : options.split(" (?=(?:[^']*'[^']*')*[^']*$)")) {
      if (!option.isEmpty()) {
        arguments.add(option.replace("'", ""));
      }
    }

    // When
    CommandRun run = CommandRun.of(arguments.toArray(String[]::new));

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }

  @Test
  void eitherAModelOrRecordingsAreNeeded() {
    assertThat(CommandRun.of("bench", "quality").exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("bench", "quality", "a", "--wavs", "b").exitCode()).isEqualTo(2);
  }

  @Test
  void aRecordingWithoutItsTextIsNamed() throws IOException {
    // Given
    record("one", "Good morning");
    Files.delete(folder.resolve("one.txt"));

    // When
    CommandRun run = CommandRun.of("bench", "quality", "--wavs", folder.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("one.wav has no text beside it");
  }

  private void record(String name, String text) throws IOException {
    float[] samples = new float[24_000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * Math.sin(i * 0.05));
    }
    Files.write(
        folder.resolve(name + ".wav"),
        new AudioEncoder(AudioLimits.DEFAULT)
            .encode(new AudioClip(samples, 24_000), FileFormat.WAV_PCM16));
    Files.writeString(folder.resolve(name + ".txt"), text);
  }

  private String script(String name, String body) throws IOException {
    Path file = folder.resolve(name + ".sh");
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " cannot be made a program");
    }
    return file.toString();
  }

  private static List<JsonNode> lines(String out) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }
}
