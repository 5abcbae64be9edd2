package dev.utter.producer.command;

import dev.utter.events.AudioFormat;
import dev.utter.events.Priority;
import dev.utter.producer.json.RequestLine;
import picocli.CommandLine.Option;

/** The options for the fields of a request whose text is on the command line. */
final class RequestOptions {
  @Option(names = "--request-id", paramLabel = "ID", description = "Id of the --text request.")
  private String requestId;

  @Option(
      names = "--speaker",
      paramLabel = "N",
      description = "Speaker number (default: ${DEFAULT-VALUE}).",
      defaultValue = "0")
  private int speaker;

  @Option(names = "--seed", paramLabel = "S", description = "Seed of the sampling noise.")
  private Long seed;

  @Option(names = "--temperature", paramLabel = "T", description = "Sampling temperature.")
  private Float temperature;

  @Option(names = "--top-k", paramLabel = "K", description = "Codes that may be sampled.")
  private Integer topK;

  @Option(
      names = "--max-duration",
      paramLabel = "SECONDS",
      description = "Longest audio wanted, 0.08 to 90.")
  private Double maxDuration;

  @Option(names = "--format", paramLabel = "F", description = "${COMPLETION-CANDIDATES}.")
  private AudioFormat format;

  @Option(names = "--priority", paramLabel = "P", description = "${COMPLETION-CANDIDATES}.")
  private Priority priority;

  /** A request with these fields. */
  RequestLine line(String text) {
    return new RequestLine(
        requestId,
        text,
        speaker,
        null,
        maxDuration == null ? null : (int) Math.round(maxDuration * 1000),
        temperature,
        topK,
        seed,
        format,
        null,
        null,
        priority,
        null,
        null,
        null);
  }
}
