package dev.utter.speech.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One case of {@code reference.json}: a text to speak greedily.
 *
 * @param name part of the reference's keys
 * @param frames maximum number of frames to generate
 * @param context earlier utterances, their audio as files of the fixture
 */
record ReferenceCase(String name, String text, int speaker, int frames, List<Turn> context) {

  /** An earlier turn. */
  record Turn(int speaker, String text, Path audio) {}

  static List<ReferenceCase> read(Path fixture) {
    Path file = fixture.resolve("reference.json");
    try {
      List<ReferenceCase> cases = new ArrayList<>();
      for (JsonNode node : new ObjectMapper().readTree(file.toFile()).path("cases")) {
        cases.add(read(file, fixture, node));
      }
      return cases;
    } catch (IOException e) {
      throw new CheckpointException(file + ": not readable: " + e.getMessage(), e);
    }
  }

  private static ReferenceCase read(Path file, Path fixture, JsonNode node) {
    List<Turn> context = new ArrayList<>();
    for (JsonNode turn : node.path("context")) {
      context.add(
          new Turn(
              field(file, turn, "speaker").asInt(),
              field(file, turn, "text").asText(),
              fixture.resolve(field(file, turn, "audio").asText())));
    }
    return new ReferenceCase(
        field(file, node, "name").asText(),
        field(file, node, "text").asText(),
        field(file, node, "speaker").asInt(),
        field(file, node, "frames").asInt(),
        context);
  }

  private static JsonNode field(Path file, JsonNode node, String name) {
    if (!node.hasNonNull(name)) {
      throw new CheckpointException(file + ": a case lacks the field " + name);
    }
    return node.get(name);
  }
}
