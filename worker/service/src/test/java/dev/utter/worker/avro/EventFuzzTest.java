package dev.utter.worker.avro;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.events.SynthesisRequested;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/** Values of records, and the schemas that their writers register. */
class EventFuzzTest {
  private static final SchemaReference REFERENCE = new SchemaReference(1, Optional.empty(), 0);
  private static final EventDeserializer<SynthesisRequested> READER =
      new EventDeserializer<>(
          SynthesisRequested.class, Map.of("schema.registry.url", "mock://fuzz"));

  @FuzzTest
  void aValueIsReadOrUndecodable(byte[] value) {
    decode(SynthesisRequested.getClassSchema(), value);
  }

  @FuzzTest
  void aSchemaIsRefusedOrItsValuesAreReadOrUndecodable(FuzzedDataProvider data) {
    byte[] value = data.consumeBytes(300);
    try {
      decode(GuidLookup.parse(data.consumeRemainingAsString()).rawSchema(), value);
    } catch (AvroRuntimeException e) {
      // No schema, or a refused one.
    }
  }

  private static void decode(Schema writer, byte[] value) {
    try {
      READER.decode(writer, REFERENCE, value);
    } catch (UndecodableRecordException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
    }
  }
}
