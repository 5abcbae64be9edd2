package dev.utter.speech.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The text tokenizer of a checkpoint, from its {@code tokenizer.json}.
 *
 * <p>A turn is formatted {@code [speaker]text} and put between begin and end token, as the model
 * was trained; text is not normalised. Threading: may be used from several threads at once.
 */
public final class TextTokenizer implements AutoCloseable {

  private static final String USUAL_END_TOKEN = "<|end_of_text|>";

  private final HuggingFaceTokenizer tokenizer;
  private final Map<Integer, String> controlTokens;
  private final int beginId;
  private final int endId;

  private TextTokenizer(
      HuggingFaceTokenizer tokenizer, Map<Integer, String> controlTokens, int beginId, int endId) {
    this.tokenizer = tokenizer;
    this.controlTokens = controlTokens;
    this.beginId = beginId;
    this.endId = endId;
  }

  /**
   * Loads the tokenizer of a model folder.
   *
   * @param folder holds {@code tokenizer.json} and perhaps {@code tokenizer_config.json}
   * @param beginId id of the token that begins a turn, from the model's configuration
   * @throws CheckpointException if the file is missing, unreadable, or names no end token
   */
  public static TextTokenizer load(Path folder, int beginId) {
    Path file = folder.resolve("tokenizer.json");
    Map<Integer, String> controlTokens = controlTokens(file);
    HuggingFaceTokenizer tokenizer = open(file);
    try {
      int endId = endId(folder, tokenizer, controlTokens);
      return new TextTokenizer(tokenizer, controlTokens, beginId, endId);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static HuggingFaceTokenizer open(Path file) {
    try {
      // By default, DJL cuts every text after 512 ids.
      return HuggingFaceTokenizer.builder()
          .optTokenizerPath(file)
          .optAddSpecialTokens(false)
          .optTruncation(false)
          .optPadding(false)
          .build();
    } catch (IOException | RuntimeException e) {
      throw new CheckpointException(file + ": not a readable tokenizer: " + e.getMessage(), e);
    }
  }

  private static Map<Integer, String> controlTokens(Path file) {
    Map<Integer, String> tokens = new HashMap<>();
    for (JsonNode token : json(file).path("added_tokens")) {
      if (token.path("special").asBoolean()) {
        tokens.put(token.path("id").asInt(), token.path("content").asText());
      }
    }
    return Map.copyOf(tokens);
  }

  /** The last id of the template of tokenizer.json, else the end token by name. */
  private static int endId(
      Path folder, HuggingFaceTokenizer tokenizer, Map<Integer, String> controlTokens) {
    long[] frame = tokenizer.encode("", true, false).getIds();
    if (frame.length > 1) {
      return Math.toIntExact(frame[frame.length - 1]);
    }
    String name = configuredEndToken(folder).orElse(USUAL_END_TOKEN);
    return controlTokens.entrySet().stream()
        .filter(token -> token.getValue().equals(name))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(
            () ->
                new CheckpointException(
                    folder.resolve("tokenizer.json") + ": no special token " + name));
  }

  private static Optional<String> configuredEndToken(Path folder) {
    Path file = folder.resolve("tokenizer_config.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode token = json(file).path("eos_token");
    JsonNode name = token.isObject() ? token.path("content") : token;
    return Optional.ofNullable(name.textValue());
  }

  private static JsonNode json(Path file) {
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new CheckpointException(file + ": not readable: " + e.getMessage(), e);
    }
  }

  /**
   * Ids of one turn: begin token, {@code [speaker]text}, end token.
   *
   * @param field name of the text's field, for the exception
   * @throws dev.utter.speech.failure.InvalidUtteranceException if the text spells a control token
   */
  int[] encode(String field, int speaker, String text) {
    long[] body = tokenizer.encode("[" + speaker + "]" + text, false, false).getIds();
    int[] ids = new int[body.length + 2];
    ids[0] = beginId;
    for (int i = 0; i < body.length; i++) {
      ids[i + 1] = Math.toIntExact(body[i]);
      UtteranceRules.checkNoControlToken(field, controlTokens.get(ids[i + 1]));
    }
    ids[ids.length - 1] = endId;
    return ids;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
