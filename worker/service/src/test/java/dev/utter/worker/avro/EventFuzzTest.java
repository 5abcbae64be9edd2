package dev.utter.worker.avro;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.VerificationRequested;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.registry.RuledParser;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** Values of records, and the schemas that their writers register. */
class EventFuzzTest {
  private static final SchemaReference REFERENCE = new SchemaReference(1, Optional.empty(), 0);
  private static final List<Class<? extends SpecificRecord>> KINDS =
      List.of(
          SynthesisRequested.class,
          SynthesisCancelled.class,
          SynthesisStarted.class,
          SynthesisCompleted.class,
          SynthesisFailed.class,
          VerificationRequested.class,
          WatermarkVerified.class,
          RequestStatus.class);
  private static final List<? extends EventDeserializer<?>> READERS =
      KINDS.stream().map(EventFuzzTest::reader).toList();

  @FuzzTest
  void aValueIsReadOrUndecodable(byte[] value) {
    for (int i = 0; i < READERS.size(); i++) {
      decode(READERS.get(i), SpecificData.get().getSchema(KINDS.get(i)), value);
    }
  }

  @FuzzTest
  void aSchemaIsRefusedOrItsValuesAreReadOrUndecodable(FuzzedDataProvider data) {
    byte[] value = data.consumeBytes(300);
    read(data.consumeRemainingAsString(), value);
  }

  /** Most text is no schema, so this one makes schemas of the input. */
  @FuzzTest
  void aForeignSchemaIsRefusedOrItsValuesAreReadOrUndecodable(FuzzedDataProvider data) {
    String schema = ForeignSchemas.of(data);
    read(schema, data.consumeRemainingAsBytes());
  }

  private static void read(String schema, byte[] value) {
    try {
      decode(READERS.get(0), RuledParser.parse(schema), value);
    } catch (AvroRuntimeException e) {
      // No schema, or a refused one.
    }
  }

  private static void decode(EventDeserializer<?> reader, Schema writer, byte[] value) {
    try {
      reader.decode(writer, REFERENCE, value);
    } catch (UndecodableRecordException e) {
      Errors.rethrow(e);
    }
  }

  private static <T extends SpecificRecord> EventDeserializer<T> reader(Class<T> kind) {
    return new EventDeserializer<>(kind, Map.of("schema.registry.url", "mock://fuzz"));
  }
}
