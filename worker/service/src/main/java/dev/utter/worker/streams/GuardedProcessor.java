package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a handler so that a record which cannot be decoded, or which trips a fault in the handler,
 * becomes one dead letter, beside the handler's answer if it has one, in the same transaction, and
 * the next record is handled.
 */
public final class GuardedProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  /** Name of the sink node for dead letters, the same in every topology. */
  public static final String DEAD_LETTERS = "dead-letters";

  private static final Logger LOGGER = LoggerFactory.getLogger(GuardedProcessor.class);

  private static final int MAX_MESSAGE_CHARS = 1000;

  /** Two lengths of five bytes at most. */
  private static final int HEADER_OVERHEAD_BYTES = 10;

  private final RecordHandler handler;
  private final Guard guard;
  private final StageListener listener;
  private ProcessorContext<byte[], byte[]> context;

  /** A guard around a handler. */
  public GuardedProcessor(RecordHandler handler, Guard guard, StageListener listener) {
    this.handler = requireNonNull(handler, "handler is null");
    this.guard = requireNonNull(guard, "guard is null");
    this.listener = requireNonNull(listener, "listener is null");
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    handler.open(processorContext);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    List<Emission> emissions;
    try {
      emissions = guard.retry().call(() -> handler.handle(record));
    } catch (UndecodableRecordException e) {
      emissions = List.of(deadLetter(record, DeadLetterHeaders.UNDECODABLE, e.getMessage()));
    } catch (RetryLaterException | WorkerBrokenException | KafkaException e) {
      // KafkaException covers what stores and the Streams runtime throw.
      throw e;
    } catch (RuntimeException e) {
      LOGGER.atError().setCause(e).log("A record tripped a fault");
      emissions = new ArrayList<>(answer(record, e));
      emissions.add(deadLetter(record, DeadLetterHeaders.FAULT, e.toString()));
    }
    for (Emission emission : emissions) {
      context.forward(emission.record(), emission.sink());
    }
    if (PolledBatch.endsWithThis()) {
      context.commit();
    }
  }

  private List<Emission> answer(Record<byte[], byte[]> record, RuntimeException fault) {
    try {
      return guard.retry().call(() -> handler.answer(record, fault));
    } catch (RetryLaterException | WorkerBrokenException | KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOGGER.atError().setCause(e).log("A record that tripped a fault cannot be answered");
      return List.of();
    }
  }

  private Emission deadLetter(Record<byte[], byte[]> record, String reason, String message) {
    RecordMetadata origin =
        context
            .recordMetadata()
            .orElseThrow(() -> new IllegalStateException("a record without an origin"));
    LOGGER
        .atWarn()
        .addKeyValue("topic", origin.topic())
        .addKeyValue("partition", origin.partition())
        .addKeyValue("offset", origin.offset())
        .addKeyValue("reason", reason)
        .addKeyValue("error", message)
        .log("Record goes to the dead letters");
    listener.deadLetter(origin.topic());
    Headers headers = new RecordHeaders(record.headers().toArray());
    add(headers, DeadLetterHeaders.TOPIC, origin.topic());
    add(headers, DeadLetterHeaders.PARTITION, Integer.toString(origin.partition()));
    add(headers, DeadLetterHeaders.OFFSET, Long.toString(origin.offset()));
    add(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(record.timestamp()));
    add(headers, DeadLetterHeaders.REASON, reason);
    add(headers, DeadLetterHeaders.MESSAGE, cut(message));
    Record<byte[], byte[]> letter =
        record.withHeaders(headers).withTimestamp(context.currentSystemTimeMs());
    return new Emission(DEAD_LETTERS, fitting(letter));
  }

  /**
   * The headers can push a record that just fitted its own topic over the limit, and a send that
   * the broker refuses would end the transaction, now and at every further try. So such a letter
   * goes without its value, which can be read where it came from.
   */
  private Record<byte[], byte[]> fitting(Record<byte[], byte[]> letter) {
    int valueBytes = letter.value() == null ? 0 : letter.value().length;
    long bytes = (long) valueBytes + (letter.key() == null ? 0 : letter.key().length);
    for (Header header : letter.headers()) {
      bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
      bytes += HEADER_OVERHEAD_BYTES;
    }
    if (bytes <= guard.deadLetterBytes()) {
      return letter;
    }
    add(letter.headers(), DeadLetterHeaders.OMITTED, valueBytes + " bytes");
    return letter.withValue(null);
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static String cut(String message) {
    return message.substring(0, Math.min(MAX_MESSAGE_CHARS, message.length()));
  }

  @Override
  public void close() {
    handler.close();
  }
}
