package dev.utter.cli.command.letters;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.worker.operator.letters.Letter;
import dev.utter.worker.rules.Excerpt;
import java.util.Map;

/** Prints a dead letter as one line of text, or as one line of JSON. */
final class LetterReport {
  private LetterReport() {}

  static ObjectNode json(Letter letter) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("letter", letter.position().toString());
    json.put("at", letter.at().toString());
    json.put("state", letter.state().name());
    json.put("reason", letter.reason());
    json.put("message", letter.message());
    json.put("topic", letter.topic());
    json.put("partition", letter.partition());
    json.put("offset", letter.offset());
    json.put("key", letter.key().orElse(null));
    json.put("requestId", letter.requestId().orElse(null));
    json.put("bytes", letter.value().map(value -> value.length).orElse(null));
    json.put("omitted", letter.omitted().orElse(null));
    if (letter.redrives() == Letter.UNREADABLE_COUNT) {
      json.putNull("redrives");
    } else {
      json.put("redrives", letter.redrives());
    }
    return json;
  }

  /** The dead letter with the headers of its record. */
  static ObjectNode jsonWithHeaders(Letter letter) {
    ObjectNode json = json(letter);
    ObjectNode headers = json.putObject("headers");
    for (Map.Entry<String, String> header : letter.originalHeaders()) {
      headers.withArray(header.getKey()).add(header.getValue());
    }
    return json;
  }

  /** Text of other parties is quoted, so that it cannot control the terminal. */
  static String line(Letter letter) {
    return "%s  %s  %s  %s %s:%s  key %s  redrives %s  %s"
        .formatted(
            letter.position(),
            letter.at(),
            letter.state().name().equals("OPEN")
                ? letter.reason()
                : letter.reason() + " (" + letter.state() + ")",
            letter.topic(),
            letter.partition(),
            letter.offset(),
            Excerpt.of(letter.key().orElse(null)),
            letter.redrives() == Letter.UNREADABLE_COUNT ? "unknown" : letter.redrives(),
            printable(letter.message()));
  }

  static String printable(String text) {
    return text.replaceAll("[^\\x20-\\x7e]", "?");
  }
}
