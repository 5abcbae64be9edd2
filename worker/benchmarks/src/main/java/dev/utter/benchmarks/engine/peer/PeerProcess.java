package dev.utter.benchmarks.engine.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that answers one JSON line with another.
 *
 * <p>Threading: one thread at a time.
 */
final class PeerProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int COMPLAINT_LINES = 5;
  private static final int STOP_SECONDS = 10;

  private final Process process;
  private final Path complaints;
  private final BufferedWriter questions;
  private final BufferedReader answers;

  private PeerProcess(Process process, Path complaints) {
    this.process = process;
    this.complaints = complaints;
    this.questions =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts the program.
   *
   * @throws PeerException if it cannot be started
   */
  static PeerProcess start(List<String> command) {
    try {
      Path complaints = Files.createTempFile("utter-peer", ".log");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(complaints.toFile());
      builder.environment().put("HF_HUB_OFFLINE", "1");
      return new PeerProcess(builder.start(), complaints);
    } catch (IOException e) {
      throw new PeerException("the peer cannot be started: " + e.getMessage(), e);
    }
  }

  /**
   * Asks and waits for the answer.
   *
   * @throws PeerException if the answer is an error, no JSON, or none because the program ended
   */
  JsonNode ask(ObjectNode question) {
    String line;
    try {
      questions.write(question + "\n");
      questions.flush();
      line = answers.readLine();
    } catch (IOException e) {
      throw new PeerException("the peer ended" + complaint(), e);
    }
    if (line == null) {
      throw new PeerException("the peer ended" + complaint());
    }
    JsonNode answer = parse(line);
    if (answer.has("error")) {
      throw new PeerException(
          "the peer failed to "
              + question.path("do").asText()
              + ": "
              + answer.get("error").asText());
    }
    return answer;
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new PeerException("the peer's answer is not JSON: " + line, e);
    }
  }

  private String complaint() {
    try {
      List<String> lines = Files.readAllLines(complaints);
      List<String> last = lines.subList(Math.max(0, lines.size() - COMPLAINT_LINES), lines.size());
      return last.isEmpty() ? "" : ": " + String.join(" | ", last);
    } catch (IOException e) {
      return "";
    }
  }

  /** Ends the program, by force if it does not end with its input. */
  @Override
  public void close() {
    try {
      questions.close();
    } catch (IOException e) {
      process.destroyForcibly();
    }
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(complaints);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
