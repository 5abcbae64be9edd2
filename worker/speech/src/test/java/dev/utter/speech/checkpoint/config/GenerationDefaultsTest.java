package dev.utter.speech.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.checkpoint.config.GenerationDefaults.Sampling;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationDefaultsTest {

  @TempDir private Path directory;

  @Test
  void readsBothModelsSampling() throws IOException {
    // Given
    Path file =
        write(
            """
            {"do_sample": true, "temperature": 0.7, "top_k": 20, "max_new_tokens": 300,
             "depth_decoder_do_sample": false, "depth_decoder_temperature": 0.8,
             "depth_decoder_top_k": 0}""");

    // Then
    assertThat(GenerationDefaults.read(file))
        .isEqualTo(
            new GenerationDefaults(new Sampling(true, 0.7, 20), new Sampling(false, 0.8, 0), 300));
  }

  @Test
  void fillsAbsentTopKWithFifty() throws IOException {
    // Given
    Path file =
        write(
            """
            {"do_sample": true, "temperature": 0.9, "depth_decoder_do_sample": true,
             "depth_decoder_temperature": 0.9, "max_new_tokens": 125}""");

    // Then
    assertThat(GenerationDefaults.read(file).backbone()).isEqualTo(new Sampling(true, 0.9, 50));
    assertThat(GenerationDefaults.read(file).depthDecoder().topK()).isEqualTo(50);
  }

  @Test
  void samplesAsTheOriginalProgramWithoutAFile() {
    Sampling original = new Sampling(true, 0.9, 50);

    assertThat(GenerationDefaults.read(directory.resolve("absent.json")))
        .isEqualTo(new GenerationDefaults(original, original, 125));
  }

  @Test
  void refusesATemperatureOfZero() throws IOException {
    // Given
    Path file = write("{\"temperature\": 0}");

    // Then
    assertThatThrownBy(() -> GenerationDefaults.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(file + ": temperature is 0, must be a number above 0");
  }

  private Path write(String json) throws IOException {
    return Files.writeString(directory.resolve("generation_config.json"), json);
  }
}
