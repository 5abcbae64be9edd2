package dev.utter.worker.avro;

import dev.utter.worker.avro.registry.RegistryAccess;
import dev.utter.worker.avro.registry.RegistryFailures;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaUtils;
import io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;

/**
 * Finds the schema ids that events are written with, and registers missing schemas if allowed.
 *
 * <p>The same schema may be registered in two forms: as the published file has it, and with the
 * property {@code avro.java.string} of the class that is generated from it. The bytes of an event
 * are the same, so each form is looked up before anything is registered. A look-up also works in a
 * registry that is read-only.
 */
final class WriterSchemas {
  private final RegistryAccess registry;

  WriterSchemas(RegistryAccess registry) {
    this.registry = registry;
  }

  /**
   * The id of a schema in the subject of a topic.
   *
   * @throws RegistryRefusalException if the subject does not have the schema and does not take it
   * @throws RestClientException for any other answer of the registry
   */
  int id(String topic, Schema schema) throws IOException, RestClientException {
    String subject = registry.subject(topic, schema);
    Schema plain = plain(schema);
    try {
      return registry.usesLatest()
          ? latest(subject, plain)
          : registered(subject, List.of(plain, schema), plain);
    } catch (RestClientException e) {
      if (RegistryFailures.isUnknownSchema(e) || RegistryFailures.isRefusal(e) || isStranger(e)) {
        throw new RegistryRefusalException(subject, remedy(subject, schema.getName(), e), e);
      }
      throw e;
    }
  }

  private int registered(String subject, List<Schema> forms, Schema registers)
      throws IOException, RestClientException {
    RestClientException unknown = null;
    for (Schema form : forms) {
      try {
        return registry.client().getId(subject, new AvroSchema(form), registry.normalizes());
      } catch (RestClientException e) {
        if (!RegistryFailures.isUnknownSchema(e)) {
          throw e;
        }
        unknown = e;
      }
    }
    try {
      if (!registry.registers()) {
        throw unknown;
      }
      return registry.client().register(subject, new AvroSchema(registers), registry.normalizes());
    } catch (RestClientException e) {
      Optional<Integer> same =
          e.getStatus() >= 500 ? Optional.empty() : sameBytes(subject, registers);
      if (same.isEmpty()) {
        throw e;
      }
      return same.get();
    }
  }

  /** The newest version that gives the same bytes; it may differ in descriptions, for example. */
  private Optional<Integer> sameBytes(String subject, Schema plain)
      throws IOException, RestClientException {
    List<Integer> versions;
    try {
      versions = new ArrayList<>(registry.client().getAllVersions(subject));
    } catch (RestClientException e) {
      return Optional.empty();
    }
    Collections.reverse(versions);
    for (int version : versions) {
      SchemaMetadata found = registry.client().getSchemaMetadata(subject, version);
      if (writesTheSame(found, plain)) {
        return Optional.of(found.getId());
      }
    }
    return Optional.empty();
  }

  private static boolean writesTheSame(SchemaMetadata found, Schema plain) {
    return SchemaNormalization.toParsingForm(new AvroSchema(found.getSchema()).rawSchema())
        .equals(SchemaNormalization.toParsingForm(plain));
  }

  private int latest(String subject, Schema plain) throws IOException, RestClientException {
    SchemaMetadata latest = registry.client().getLatestSchemaMetadata(subject);
    if (!writesTheSame(latest, plain)) {
      throw new RegistryRefusalException(
          subject,
          "the latest version of subject "
              + subject
              + " is not the schema of "
              + plain.getName()
              + " that this worker writes: leave use.latest.version out of registry.properties",
          null);
    }
    return latest.getId();
  }

  private String remedy(String subject, String event, RestClientException failure) {
    String says = " (the registry says: " + failure.getMessage() + ")";
    if (RegistryFailures.isUnknownSchema(failure)) {
      return "subject "
          + subject
          + " does not have the schema of "
          + event
          + ": register it, or leave auto.register.schemas out of registry.properties"
          + says;
    }
    if (isForeign(failure)) {
      return "subject "
          + subject
          + " has a version that the schema of "
          + event
          + " is not compatible with: delete that version, or the subject if it is another"
          + " system's"
          + says;
    }
    if (failure.getErrorCode() == RegistryFailures.READ_ONLY) {
      return "the registry is read-only and subject "
          + subject
          + " does not have the schema of "
          + event
          + ": make the registry writable, or register the schema while it is"
          + says;
    }
    if (isStranger(failure)) {
      return "the registry does not know this worker's user: set basic.auth.credentials.source and"
          + " basic.auth.user.info under registry.properties"
          + says;
    }
    return "the registry does not let this worker use subject "
        + subject
        + " for the schema of "
        + event
        + ": give its user the right to read and write that subject, or register the schema for it"
        + says;
  }

  private static boolean isStranger(RestClientException failure) {
    return failure.getStatus() == 401;
  }

  private static boolean isForeign(RestClientException failure) {
    return failure.getStatus() == 409;
  }

  private static Schema plain(Schema schema) {
    return AvroSchemaUtils.getSchema(new GenericData.Record(schema), false, false, true);
  }
}
