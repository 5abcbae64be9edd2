package dev.utter.embedded.registry;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaCompatibility.SchemaPairCompatibility;

/** How a new version of a subject must relate to the earlier ones; the names are Confluent's. */
enum CompatibilityLevel {
  NONE(false, false, false),
  BACKWARD(true, false, false),
  BACKWARD_TRANSITIVE(true, false, true),
  FORWARD(false, true, false),
  FORWARD_TRANSITIVE(false, true, true),
  FULL(true, true, false),
  FULL_TRANSITIVE(true, true, true);

  private final boolean readsEarlier;
  private final boolean readByEarlier;
  private final boolean transitive;

  CompatibilityLevel(boolean readsEarlier, boolean readByEarlier, boolean transitive) {
    this.readsEarlier = readsEarlier;
    this.readByEarlier = readByEarlier;
    this.transitive = transitive;
  }

  /** Why the candidate is not compatible; empty if it is. Earlier versions come oldest first. */
  List<String> problems(Schema candidate, List<Schema> earlier) {
    int first = transitive ? 0 : Math.max(0, earlier.size() - 1);
    List<String> problems = new ArrayList<>();
    for (Schema version : earlier.subList(first, earlier.size())) {
      if (readsEarlier) {
        describe(candidate, version, "the new schema cannot read the earlier one", problems);
      }
      if (readByEarlier) {
        describe(version, candidate, "the earlier schema cannot read the new one", problems);
      }
    }
    return problems;
  }

  private static void describe(Schema reader, Schema writer, String what, List<String> problems) {
    SchemaPairCompatibility pair =
        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    if (pair.getType() != SchemaCompatibilityType.COMPATIBLE) {
      pair.getResult()
          .getIncompatibilities()
          .forEach(
              found ->
                  problems.add(
                      "%s: %s at %s (%s)"
                          .formatted(
                              what, found.getType(), found.getLocation(), found.getMessage())));
    }
  }
}
