package dev.utter.embedded.registry;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.avro.Schema;

/**
 * One version of a subject.
 *
 * @param subject name of the subject
 * @param version number within the subject, from 1
 * @param id id of the schema, the same wherever the same schema is registered
 * @param schema the schema
 * @param deleted whether it was soft deleted: it can still be read by id
 */
record SubjectVersion(String subject, int version, int id, Schema schema, boolean deleted) {
  /**
   * The GUID is derived from the schema's text, so the same schema has the same GUID in every
   * registry.
   */
  UUID guid() {
    return UUID.nameUUIDFromBytes(schema.toString().getBytes(StandardCharsets.UTF_8));
  }

  SubjectVersion softDeleted() {
    return new SubjectVersion(subject, version, id, schema, true);
  }
}
