package dev.utter.events;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** What Confluent calls BACKWARD_TRANSITIVE: the newest schema reads data of every earlier one. */
final class BackwardCompatibility {
  private BackwardCompatibility() {}

  /** What the newest schema cannot read of the earlier ones; empty if it reads all. */
  static List<String> problems(Schema newest, List<Schema> earlier) {
    return earlier.stream()
        .flatMap(
            writer ->
                SchemaCompatibility.checkReaderWriterCompatibility(newest, writer)
                    .getResult()
                    .getIncompatibilities()
                    .stream())
        .map(found -> found.getType() + " at " + found.getLocation() + ": " + found.getMessage())
        .toList();
  }
}
