package dev.utter.worker.streams;

import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.skip.SkippedException;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** What a stage does with one record. One handler belongs to one task and one thread. */
public interface RecordHandler {

  /** Called once, before the first record: fetch stores, schedule punctuations. */
  default void open(ProcessorContext<byte[], byte[]> context) {}

  /**
   * Decides what follows from a record. State stores are written last, after everything that may
   * have to be tried again.
   *
   * @return what to emit, in order
   * @throws UndecodableRecordException the record goes to the dead letters
   * @throws RetryLaterException the call is repeated after a pause
   */
  List<Emission> handle(Record<byte[], byte[]> record);

  /**
   * Answers the publisher of a record that {@link #handle} could not decode, or that caused an
   * unexpected error in it; the record itself goes to the dead letters.
   *
   * @return what to emit beside the dead letter, in order
   * @throws RetryLaterException the call is repeated after a pause
   */
  default List<Emission> answer(Record<byte[], byte[]> record, RuntimeException fault) {
    return List.of();
  }

  /**
   * Answers the publisher of a record that an operator has the stage skip; the record itself goes
   * to the dead letters. Should depend on nothing that the record may be stuck on.
   *
   * @return what to emit beside the dead letter, in order
   * @throws RetryLaterException the call is repeated after a pause
   */
  default List<Emission> skipped(Record<byte[], byte[]> record, SkippedException why) {
    return List.of();
  }

  /** Called when the task goes away. */
  default void close() {}
}
