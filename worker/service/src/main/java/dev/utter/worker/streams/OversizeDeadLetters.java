package dev.utter.worker.streams;

import dev.utter.events.Topics;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets go of a dead letter that the broker finds too large: its headers can push a record that just
 * fitted its own topic over the limit. The alternative is a stage that stops at it for ever. What
 * is lost is named in the log; {@code utter.dead-letters} with a larger {@code max.message.bytes}
 * loses nothing.
 */
public final class OversizeDeadLetters implements ProductionExceptionHandler {
  private static final Logger LOGGER = LoggerFactory.getLogger(OversizeDeadLetters.class);

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (record.topic().equals(Topics.DEAD_LETTERS)
        && exception instanceof RecordTooLargeException) {
      LOGGER
          .atError()
          .addKeyValue("topic", context.topic())
          .addKeyValue("partition", context.partition())
          .addKeyValue("offset", context.offset())
          .addKeyValue("bytes", record.value() == null ? 0 : record.value().length)
          .log("A dead letter is too large for its topic and is lost; the record is where it was");
      return Response.resume();
    }
    return Response.fail();
  }

  @Override
  public void configure(Map<String, ?> configs) {
    // Nothing to configure.
  }
}
