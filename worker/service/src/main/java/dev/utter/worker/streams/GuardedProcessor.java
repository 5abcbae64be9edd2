package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.Topics;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.skip.SkippedException;
import dev.utter.worker.streams.commit.AfterCommit;
import dev.utter.worker.streams.commit.PolledBatch;
import dev.utter.worker.trace.LogContext;
import dev.utter.worker.trace.RecordOrigin;
import dev.utter.worker.trace.TraceSpan;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
 * Runs a handler. A record that cannot be decoded, or that causes an unexpected error in the
 * handler, becomes one dead letter, in the same transaction as the handler's answer if there is
 * one. So does a record that an operator has the stage skip, also while it is tried again. Then the
 * next record is handled.
 */
public final class GuardedProcessor implements Processor<byte[], byte[], byte[], byte[]> {
  /**
   * Name of the sink node for dead letters, the same in every topology. All other sink nodes are
   * named after their topics.
   */
  public static final String DEAD_LETTERS = "dead-letters";

  private static final Logger LOGGER = LoggerFactory.getLogger(GuardedProcessor.class);

  private static final int MAX_MESSAGE_CHARS = 1000;

  private final RecordHandler handler;
  private final Guard guard;
  private final StageListener listener;
  private final AfterCommit afterCommit;

  @SuppressWarnings("NullAway.Init") // init() sets it.
  private ProcessorContext<byte[], byte[]> context;

  /** A guard around a handler. */
  public GuardedProcessor(RecordHandler handler, Guard guard, StageListener listener) {
    this(handler, guard, listener, new AfterCommit());
  }

  /**
   * A guard around a handler that reports after commits.
   *
   * @param afterCommit what the handler reports through; used by this processor only
   */
  public GuardedProcessor(
      RecordHandler handler, Guard guard, StageListener listener, AfterCommit afterCommit) {
    this.handler = requireNonNull(handler, "handler is null");
    this.guard = requireNonNull(guard, "guard is null");
    this.listener = requireNonNull(listener, "listener is null");
    this.afterCommit = requireNonNull(afterCommit, "afterCommit is null");
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> processorContext) {
    context = processorContext;
    afterCommit.open(processorContext);
    handler.open(processorContext);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    afterCommit.flush();
    TraceSpan span = guard.trace().begin(record, origin());
    guard.activity().begin(Duration.ofMillis(context.currentSystemTimeMs() - record.timestamp()));
    try {
      LogContext.run(
          RecordOrigin.requestId(record.key()),
          span,
          () -> emit(fitting(record, span, sendings(span, emissions(record, span)))));
    } catch (RuntimeException e) {
      span.fail(e.getClass().getSimpleName());
      throw e;
    } finally {
      span.end();
      guard.activity().end();
    }
    if (PolledBatch.endsWithThis()) {
      context.commit();
    }
  }

  /** An emission, with the span in its headers. */
  private record Sending(Emission emission, TraceSpan span) {}

  /** What follows from a record has its trace context; before its size is looked at. */
  private static List<Sending> sendings(TraceSpan span, List<Emission> emissions) {
    if (span == TraceSpan.NONE) {
      return emissions.stream().map(emission -> new Sending(emission, span)).toList();
    }
    List<Sending> sendings = new ArrayList<>();
    for (Emission emission : emissions) {
      String topic = emission.sink().equals(DEAD_LETTERS) ? Topics.DEAD_LETTERS : emission.sink();
      TraceSpan send = span.send(topic);
      Headers headers = new RecordHeaders(emission.record().headers().toArray());
      send.write(headers);
      sendings.add(
          new Sending(new Emission(emission.sink(), emission.record().withHeaders(headers)), send));
    }
    return sendings;
  }

  private void emit(List<Sending> sendings) {
    for (Sending sending : sendings) {
      context.forward(sending.emission().record(), sending.emission().sink());
      sending.span().end();
    }
  }

  private List<Emission> emissions(Record<byte[], byte[]> record, TraceSpan span) {
    try {
      return guard
          .retry()
          .call(
              () -> {
                requireWanted(record);
                return handler.handle(record);
              });
    } catch (SkippedException e) {
      List<Emission> emissions = new ArrayList<>(skipped(record, e));
      span.fail(DeadLetterHeaders.SKIPPED);
      emissions.add(deadLetter(record, DeadLetterHeaders.SKIPPED, e.deadLetterMessage()));
      return emissions;
    } catch (UndecodableRecordException e) {
      List<Emission> emissions = new ArrayList<>(answer(record, e));
      span.fail(DeadLetterHeaders.UNDECODABLE);
      emissions.add(deadLetter(record, DeadLetterHeaders.UNDECODABLE, FailureText.of(e)));
      return emissions;
    } catch (RetryLaterException | WorkerBrokenException | KafkaException e) {
      // KafkaException covers what stores and the Streams runtime throw.
      throw e;
    } catch (RuntimeException e) {
      LOGGER.atError().setCause(e).log("Record caused an unexpected error");
      List<Emission> emissions = new ArrayList<>(answer(record, e));
      span.fail(DeadLetterHeaders.FAULT);
      emissions.add(deadLetter(record, DeadLetterHeaders.FAULT, e.toString()));
      return emissions;
    }
  }

  private void requireWanted(Record<byte[], byte[]> record) {
    RecordMetadata origin = origin();
    guard
        .skips()
        .note(
            new RecordPosition(origin.topic(), origin.partition(), origin.offset()),
            record.key(),
            record.value())
        .ifPresent(
            note -> {
              throw new SkippedException(note);
            });
  }

  private List<Emission> skipped(Record<byte[], byte[]> record, SkippedException why) {
    try {
      return guard.retry().call(() -> handler.skipped(record, why));
    } catch (RetryLaterException | WorkerBrokenException | KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOGGER.atError().setCause(e).log("Record that is skipped cannot be answered");
      return List.of();
    }
  }

  private RecordMetadata origin() {
    return context
        .recordMetadata()
        .orElseThrow(() -> new IllegalStateException("a record without an origin"));
  }

  /**
   * What fits its topics; if something is too large, the record becomes a dead letter. A dead
   * letter that is too large loses its value.
   */
  private List<Sending> fitting(
      Record<byte[], byte[]> record, TraceSpan span, List<Sending> sendings) {
    List<Sending> fitting = new ArrayList<>();
    for (Sending sending : sendings) {
      Emission emission = sending.emission();
      long bytes = RecordSize.of(emission.record());
      int limit = guard.limits().recordBytes(emission.sink());
      if (emission.sink().equals(DEAD_LETTERS)) {
        fitting.add(
            new Sending(
                new Emission(DEAD_LETTERS, withoutTooLargeValue(emission.record())),
                sending.span()));
      } else if (bytes > limit) {
        String message =
            "what follows from it has %d bytes, %s takes %d: raise its max.message.bytes"
                .formatted(bytes, emission.sink(), limit);
        span.fail(DeadLetterHeaders.FAULT);
        Emission letter = deadLetter(record, DeadLetterHeaders.FAULT, message);
        return fitting(record, span, sendings(span, List.of(letter)));
      } else {
        fitting.add(sending);
      }
    }
    return fitting;
  }

  private List<Emission> answer(Record<byte[], byte[]> record, RuntimeException fault) {
    try {
      return guard.retry().call(() -> handler.answer(record, fault));
    } catch (RetryLaterException | WorkerBrokenException | KafkaException e) {
      throw e;
    } catch (RuntimeException e) {
      LOGGER.atError().setCause(e).log("Record that caused an unexpected error cannot be answered");
      return List.of();
    }
  }

  private Emission deadLetter(Record<byte[], byte[]> record, String reason, String message) {
    RecordMetadata origin = origin();
    LOGGER
        .atWarn()
        .addKeyValue("topic", origin.topic())
        .addKeyValue("partition", origin.partition())
        .addKeyValue("offset", origin.offset())
        .addKeyValue("reason", reason)
        .addKeyValue("error", message)
        .log("Record goes to the dead letters");
    afterCommit.report(() -> listener.deadLetter(origin.topic()));
    Headers headers = new RecordHeaders();
    for (Header header : record.headers()) {
      // The publisher of the record must not be able to forge its origin.
      if (!header.key().startsWith(DeadLetterHeaders.PREFIX)) {
        headers.add(header);
      }
    }
    add(headers, DeadLetterHeaders.TOPIC, origin.topic());
    add(headers, DeadLetterHeaders.PARTITION, Integer.toString(origin.partition()));
    add(headers, DeadLetterHeaders.OFFSET, Long.toString(origin.offset()));
    add(headers, DeadLetterHeaders.TIMESTAMP, Long.toString(record.timestamp()));
    add(headers, DeadLetterHeaders.REASON, reason);
    add(headers, DeadLetterHeaders.MESSAGE, cut(message));
    return new Emission(
        DEAD_LETTERS, record.withHeaders(headers).withTimestamp(context.currentSystemTimeMs()));
  }

  /**
   * The headers can push a record that just fitted its own topic over the limit, and a send that
   * the broker refuses would end the transaction, now and at every retry. So such a letter has no
   * value; the value can be read from the original topic.
   */
  private Record<byte[], byte[]> withoutTooLargeValue(Record<byte[], byte[]> letter) {
    if (RecordSize.of(letter) <= guard.limits().recordBytes(Topics.DEAD_LETTERS)) {
      return letter;
    }
    int valueBytes = letter.value() == null ? 0 : letter.value().length;
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
