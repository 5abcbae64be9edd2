package dev.utter.benchmarks.engine.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.measure.ModelSource;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.benchmarks.measure.Turn;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.config.CsmConfigJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Transformers' CSM in a Python process of its own, asked turn by turn.
 *
 * <p>Threading: one thread at a time.
 */
public final class Peer implements AutoCloseable {
  private static final String SCRIPT = "peer.py";

  private final PeerProcess process;
  private final int codebooks;
  private final JsonNode versions;

  private Peer(PeerProcess process, int codebooks, JsonNode versions) {
    this.process = process;
    this.codebooks = codebooks;
    this.versions = versions;
  }

  /**
   * Starts the peer.
   *
   * @param python interpreter that has torch and transformers
   * @param device where it computes: cpu, cuda or cuda:N
   * @throws PeerException if it does not start or lacks a library
   */
  public static Peer start(String python, String device, int threads, int codebooks) {
    PeerProcess process = PeerProcess.start(List.of(python, "-c", script()));
    try {
      ObjectNode question = question("start").put("device", device).put("threads", threads);
      return new Peer(process, codebooks, process.ask(question));
    } catch (PeerException e) {
      process.close();
      throw e;
    }
  }

  private static String script() {
    try (InputStream in = Peer.class.getResourceAsStream(SCRIPT)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What it runs on: {@code python}, {@code torch}, {@code transformers}, {@code threads}, {@code
   * device}.
   */
  public JsonNode versions() {
    return versions;
  }

  /** Loads the model in one type of numbers, beside those loaded before. */
  public void load(PeerDtype dtype, ModelSource source) {
    ObjectNode question = question("load", dtype);
    source
        .folder()
        .ifPresentOrElse(
            folder -> question.put("folder", folder.toAbsolutePath().toString()),
            () -> {
              question.set("config", CsmConfigJson.of(source.checkpoint().config()));
              question.put("seed", ModelSource.SEED);
            });
    process.ask(question);
  }

  /** Generates exactly {@code frames} frames for each prompt, greedily. */
  public Turn generate(PeerDtype dtype, Prompts prompts, int frames, boolean audio) {
    ObjectNode question = question("generate", dtype).put("frames", frames).put("audio", audio);
    ArrayNode rows = question.putArray("ids");
    for (int[] ids : prompts.ids()) {
      ArrayNode row = rows.addArray();
      IntStream.of(ids).forEach(id -> row.add(id));
    }
    JsonNode answer = process.ask(question);
    double[] frameSeconds =
        StreamSupport.stream(answer.path("frameSeconds").spliterator(), false)
            .mapToDouble(JsonNode::asDouble)
            .toArray();
    if (frameSeconds.length != frames) {
      throw new PeerException(
          "the peer made " + frameSeconds.length + " frames, asked for were " + frames);
    }
    List<AudioCodes> codes = new ArrayList<>();
    for (JsonNode row : answer.path("codes")) {
      int[] values =
          StreamSupport.stream(row.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
      codes.add(new AudioCodes(codebooks, values));
    }
    return new Turn(frameSeconds, answer.path("totalSeconds").asDouble(), List.copyOf(codes));
  }

  /**
   * Peak of the memory the process has held so far, in bytes; 0 if the system does not report it.
   */
  long peakBytes() {
    return process.ask(question("memory")).path("peakBytes").asLong();
  }

  private static ObjectNode question(String action) {
    return JsonNodeFactory.instance.objectNode().put("do", action);
  }

  private static ObjectNode question(String action, PeerDtype dtype) {
    return question(action).put("dtype", dtype.torchName());
  }

  @Override
  public void close() {
    process.close();
  }
}
