package dev.utter.worker.avro.registry;

import org.apache.avro.Schema;

/** Parses schemas as the access to the registry does. */
public final class RuledParser {
  private RuledParser() {}

  /**
   * Parses a schema.
   *
   * @throws org.apache.avro.AvroRuntimeException if the text is no schema or breaks a rule
   */
  public static Schema parse(String schema) {
    return GuidLookup.parse(schema).rawSchema();
  }
}
