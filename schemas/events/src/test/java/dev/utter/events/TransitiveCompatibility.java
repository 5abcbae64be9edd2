package dev.utter.events;

import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Confluent's BACKWARD_TRANSITIVE and FORWARD_TRANSITIVE; both together are FULL_TRANSITIVE. */
final class TransitiveCompatibility {
  private TransitiveCompatibility() {}

  /** Why the newest schema cannot read data of the earlier ones; empty if it can. */
  static List<String> backwardProblems(Schema newest, List<Schema> earlier) {
    return earlier.stream().flatMap(writer -> problems(newest, writer)).toList();
  }

  /** Why the earlier schemas cannot read data of the newest one; empty if they can. */
  static List<String> forwardProblems(Schema newest, List<Schema> earlier) {
    return earlier.stream().flatMap(reader -> problems(reader, newest)).toList();
  }

  private static Stream<String> problems(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
        .getResult()
        .getIncompatibilities()
        .stream()
        .map(found -> found.getType() + " at " + found.getLocation() + ": " + found.getMessage());
  }
}
