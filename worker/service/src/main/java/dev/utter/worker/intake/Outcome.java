package dev.utter.worker.intake;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * How a record ended.
 *
 * @param kind short name for metrics, for example {@code completed} or the failure code
 * @param records what to publish in the transaction that finishes the record; may be empty
 */
public record Outcome(String kind, List<ProducerRecord<byte[], byte[]>> records) {
  /** Kind: there is a clip. */
  public static final String COMPLETED = "completed";

  /** Kind: the request has had its outcome, so that there is nothing to publish. */
  public static final String DUPLICATE = "duplicate";

  /** Kind: the record cannot be decoded as a request. */
  public static final String UNDECODABLE = "undecodable";

  /** Kind: an operator had the record skipped. */
  public static final String SKIPPED = "skipped";

  /** Checks and copies. */
  public Outcome {
    requireNonNull(kind, "kind is null");
    records = List.copyOf(records);
  }

  /** How many of the records are dead letters. */
  public long deadLetters() {
    return records.stream().filter(DeadLetter::is).count();
  }

  /** This outcome with one record made smaller, if it is one of its records. */
  public Outcome shrunk(ProducerRecord<byte[], byte[]> tooLarge) {
    return new Outcome(
        kind,
        records.stream()
            .map(record -> record == tooLarge ? DeadLetter.withoutValue(record) : record)
            .toList());
  }
}
