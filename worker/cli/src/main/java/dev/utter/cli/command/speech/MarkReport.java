package dev.utter.cli.command.speech;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.WatermarkKey;
import java.nio.file.Path;

/** Reports of the commands that look for a mark. */
final class MarkReport {
  private MarkReport() {}

  /** Result of a detection in a file. */
  static ObjectNode found(Path file, Detection detection, WatermarkKey key) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("file", file.toString())
        .put("outcome", detection.outcome().name())
        .put("confidence", detection.confidence())
        .put("keyId", key.id())
        .put("reason", detection.reason());
  }

  /** Result of a detection in the encoded clip, and whether the file was written. */
  static ObjectNode marked(Path file, Detection detection, WatermarkKey key) {
    return found(file, detection, key).put("written", detection.matches());
  }

  /** The line for a clip whose mark was not found. */
  static String notWritten(Path file, Detection detection) {
    return file + ": not written: " + detection.reason();
  }
}
