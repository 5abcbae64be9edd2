package dev.utter.producer.command;

import dev.utter.events.SynthesisRequested;
import dev.utter.producer.json.RequestLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Requests as lines of JSON. */
final class RequestFile {
  private static final String STDIN = "-";

  private RequestFile() {}

  /**
   * All requests of a file; blank lines are skipped.
   *
   * @param file the file, or {@code -} for the standard input
   * @throws IllegalArgumentException naming the line that is not a request, or that repeats the id
   *     of an earlier line
   */
  static List<SynthesisRequested> read(Path file, Clock clock) throws IOException {
    List<SynthesisRequested> requests = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int number = 0;
    for (String line : lines(file)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        SynthesisRequested request = RequestLine.parse(line).toEvent(clock);
        if (!ids.add(request.getRequestId())) {
          throw new IllegalArgumentException(
              "requestId " + request.getRequestId() + " is used by an earlier line");
        }
        requests.add(request);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ", line " + number + ": " + e.getMessage(), e);
      }
    }
    return requests;
  }

  private static List<String> lines(Path file) throws IOException {
    byte[] bytes =
        file.toString().equals(STDIN) ? System.in.readAllBytes() : Files.readAllBytes(file);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes))
          .toString()
          .lines()
          .toList();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is not UTF-8", e);
    }
  }
}
