package dev.utter.worker.avro.registry;

import org.apache.avro.AvroRuntimeException;

/** A writer's schema breaks one of the {@link SchemaRules}; the message names the rule. */
final class RefusedSchemaException extends AvroRuntimeException {
  private static final long serialVersionUID = 1L;

  RefusedSchemaException(String message) {
    super(message);
  }
}
