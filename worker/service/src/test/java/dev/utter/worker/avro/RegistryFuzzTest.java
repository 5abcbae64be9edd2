package dev.utter.worker.avro;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.Topics;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.storage.RawServer;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** What a schema registry, or something before it, answers. */
class RegistryFuzzTest {
  private static final int EVENT_BYTES = 20;
  private static final RawServer SERVER = new RawServer();
  private static final EventDeserializer<SynthesisCancelled> READER =
      new EventDeserializer<>(
          SynthesisCancelled.class,
          Map.of(
              "schema.registry.url",
              SERVER.url(),
              "max.retries",
              "0",
              EventDeserializer.UNKNOWN_SCHEMA_WAIT_MILLIS,
              "0"));
  private static int id;

  /** The bytes are the whole answer, from the status line on. Each id is asked for only once. */
  @FuzzTest
  void anAnswerIsASchemaOrAFailure(byte[] answer) {
    SERVER.answer(answer);
    id++;
    byte[] byId = ByteBuffer.allocate(1 + 4 + EVENT_BYTES).put((byte) 0).putInt(id).array();
    read(new RecordHeaders(), byId);
    byte[] guid = ByteBuffer.allocate(1 + 16).put((byte) 1).putLong(0).putLong(id).array();
    read(new RecordHeaders().add(SchemaReference.HEADER, guid), new byte[EVENT_BYTES]);
  }

  private static void read(Headers headers, byte[] value) {
    try {
      READER.deserialize(Topics.CANCELLATIONS, headers, value);
    } catch (UndecodableRecordException e) {
      Errors.rethrow(e);
    } catch (RetryLaterException e) {
      // The other valid result.
    }
  }
}
