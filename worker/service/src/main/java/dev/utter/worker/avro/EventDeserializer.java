package dev.utter.worker.avro;

import static java.util.Objects.requireNonNull;

import dev.utter.events.EventClasses;
import dev.utter.worker.avro.registry.RegistryAccess;
import dev.utter.worker.avro.registry.RegistryFailures;
import dev.utter.worker.failure.RetryLaterException;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Reads one kind of event in Confluent's wire format, with the schema's id before the event or in a
 * header. The reader's schema is always that of the event's class, so no record can name another
 * class to be loaded.
 *
 * <p>Threading: may be shared. The registry client caches schemas, and blocks for each new id.
 *
 * @param <T> the event
 */
public final class EventDeserializer<T extends SpecificRecord> implements AutoCloseable {
  /**
   * Property in addition to Confluent's: how long an unknown schema is requested again, in
   * milliseconds.
   */
  public static final String UNKNOWN_SCHEMA_WAIT_MILLIS = "utter.unknown.schema.wait.ms";

  private static final Duration DEFAULT_UNKNOWN_SCHEMA_WAIT = Duration.ofSeconds(30);
  private static final Headers NO_HEADERS = new RecordHeaders();

  static {
    EventClasses.trust();
    // Avro allocates the length that a record claims before it reads the data: without limits
    // twelve
    // bytes can request two gigabytes. Avro reads these once; values of the command line are kept.
    limit("org.apache.avro.limits.string.maxLength", 16 << 20);
    limit("org.apache.avro.limits.bytes.maxLength", 16 << 20);
    limit("org.apache.avro.limits.collectionItems.maxLength", 1 << 20);
  }

  private final Class<T> type;
  private final SpecificData model;
  private final Schema schema;
  private final RegistryAccess registry;
  private final Patience patience;
  private final SchemaRefusals refusals = new SchemaRefusals();

  private static void limit(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /**
   * A reader of one kind of event.
   *
   * @param type the event's class
   * @param registryProperties Confluent's own configuration keys, {@code schema.registry.url} among
   *     them, and {@link #UNKNOWN_SCHEMA_WAIT_MILLIS}
   */
  public EventDeserializer(Class<T> type, Map<String, ?> registryProperties) {
    this(type, registryProperties, System::nanoTime);
  }

  EventDeserializer(Class<T> type, Map<String, ?> registryProperties, LongSupplier nanos) {
    this.type = requireNonNull(type, "type is null");
    model = SpecificData.getForClass(type);
    schema = model.getSchema(type);
    registry = new RegistryAccess(registryProperties);
    patience = new Patience(unknownSchemaWait(registryProperties), nanos);
  }

  /**
   * The event in these bytes, which have no headers.
   *
   * @param topic the topic they came from
   * @param data the record's value
   * @throws UndecodableRecordException if they can never be read as this event
   * @throws RetryLaterException if the registry cannot say now
   */
  public T deserialize(String topic, byte[] data) {
    return deserialize(topic, NO_HEADERS, data);
  }

  /**
   * The event in a record.
   *
   * @param topic the topic it came from
   * @param headers its headers; one may hold the schema's id
   * @param data its value
   * @throws UndecodableRecordException if it can never be read as this event
   * @throws RetryLaterException if the registry does not answer now, or does not know the schema
   *     yet
   */
  public T deserialize(String topic, Headers headers, byte[] data) {
    SchemaReference reference = SchemaReference.of(headers, data);
    refusals.check(topic, reference);
    return decode(writer(topic, reference), reference, data);
  }

  private static Duration unknownSchemaWait(Map<String, ?> properties) {
    Object millis = properties.get(UNKNOWN_SCHEMA_WAIT_MILLIS);
    return millis == null
        ? DEFAULT_UNKNOWN_SCHEMA_WAIT
        : Duration.ofMillis(Long.parseLong(millis.toString()));
  }

  /** Decodes the bytes after the prefix. The writer's schema must keep the {@code SchemaRules}. */
  T decode(Schema writer, SchemaReference reference, byte[] data) {
    int prefix = reference.prefixBytes();
    try {
      return new SpecificDatumReader<T>(writer, schema, model)
          .read(null, DecoderFactory.get().binaryDecoder(data, prefix, data.length - prefix, null));
    } catch (IOException | RuntimeException | Error e) {
      // Any error of the decoder is a fact about the bytes, and must not end the worker.
      throw new UndecodableRecordException(
          "value does not read as "
              + type.getSimpleName()
              + " with "
              + reference
              + ": "
              + RegistryFailures.say(e),
          e);
    }
  }

  private Schema writer(String topic, SchemaReference reference) {
    try {
      Schema found =
          reference.guid().isPresent()
              ? registry.byGuid(reference.guid().get())
              : registry.byId(topic, reference.id());
      patience.end(reference);
      return found;
    } catch (RestClientException | IOException | RuntimeException | Error e) {
      throw sorted(topic, reference, e);
    }
  }

  private RuntimeException sorted(String topic, SchemaReference reference, Throwable failure) {
    Optional<String> rule = RegistryFailures.brokenRule(failure);
    if (rule.isPresent()) {
      return refusals.add(topic, reference, rule.get());
    }
    String why = RegistryFailures.say(failure);
    if (RegistryFailures.isUnknownSchema(failure)
        || (reference.guid().isPresent() && RegistryFailures.isNotFound(failure))) {
      return patience.asksAgain(reference)
          ? new RetryLaterException(reference + " is not in the registry yet: " + why, failure)
          : new UndecodableRecordException(reference + " is not in the registry", failure);
    }
    if (RegistryFailures.isUnusableSchema(failure)) {
      return new UndecodableRecordException(
          reference + " is no usable Avro schema: " + why, failure);
    }
    boolean ofThisSchema =
        RegistryFailures.isRefusal(failure) || !RegistryFailures.isTemporary(failure);
    if (ofThisSchema && !patience.asksAgain(reference) && answersOtherwise(topic)) {
      return new UndecodableRecordException(
          "the registry refuses to give " + reference + ": " + why, failure);
    }
    return new RetryLaterException(
        "schema registry cannot give " + reference + ": " + why, failure);
  }

  /**
   * Whether the registry answers for another schema, so that it refuses one and not this worker.
   */
  private boolean answersOtherwise(String topic) {
    try {
      registry.client().getAllVersions(registry.subject(topic, schema));
      return true;
    } catch (RestClientException | IOException | RuntimeException e) {
      return RegistryFailures.isUnknownSchema(e);
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
