package dev.utter.cli.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;

/** Prints the answers: each as it is known, or all as one JSON object at the end. */
final class Report {
  private final PrintWriter out;
  private final boolean json;
  private final ObjectNode root = JsonNodeFactory.instance.objectNode();
  private final ArrayNode checks;

  Report(PrintWriter out, boolean json) {
    this.out = out;
    this.json = json;
    root.putNull("ok");
    checks = root.putArray("checks");
  }

  /** Adds an answer. */
  void add(String name, Answer answer) {
    if (!json) {
      out.println(name + ": " + answer.state().text() + ": " + answer.detail());
      answer.remedy().ifPresent(remedy -> out.println("  remedy: " + remedy));
      out.flush();
      return;
    }
    ObjectNode line = checks.addObject();
    line.put("name", name).put("state", answer.state().text()).put("detail", answer.detail());
    answer.remedy().ifPresent(remedy -> line.put("remedy", remedy));
  }

  /** Ends it. */
  void end(boolean ok) {
    if (json) {
      out.println(root.put("ok", ok).toPrettyString());
      out.flush();
    }
  }
}
