package dev.utter.chaos.history;

import java.util.Map;

/**
 * One line of a history. All times are milliseconds since the epoch, by the clock of the machine,
 * which harness and workers share.
 */
public sealed interface Entry {

  /** When the event happened or was seen. */
  long at();

  /**
   * The settings of the run.
   *
   * @param kind short, long or soak
   * @param seed of the schedule and the requests
   * @param attemptLimit attempts before a record becomes a dead letter
   * @param workers processes at the beginning
   * @param mutant name of the deliberate defect; empty for none
   */
  record Run(long at, String kind, long seed, int attemptLimit, int workers, String mutant)
      implements Entry {}

  /**
   * A record was published to the topic of the requests, and the broker has it.
   *
   * @param at when it was handed to the producer
   * @param id request id inside the record; empty if the record holds none
   * @param key key of the record
   * @param publication what kind of record
   * @param expected how the request must end, see {@link Expected}
   * @param bound promise about time that is checked for the request
   */
  record Asked(
      long at,
      String id,
      String key,
      int partition,
      long offset,
      Publication publication,
      Expected expected,
      Bound bound)
      implements Entry {}

  /**
   * A fault began or ended.
   *
   * @param number of the fault in the schedule, from 1
   * @param name of the fault
   * @param phase start or end of the fault
   * @param target process or object that the fault hit
   * @param costsAttempts whether work may have been interrupted without notice
   */
  record Fault(long at, int number, String name, Phase phase, String target, boolean costsAttempts)
      implements Entry {}

  /** A change of the process of a worker. */
  record Worker(long at, String worker, long pid, Change change, int status) implements Entry {}

  /**
   * A record as a read_committed consumer saw it.
   *
   * @param at when it was seen
   * @param timestamp timestamp of the record
   * @param id request id in its value; empty if it has none
   * @param facts further facts of its value and headers, by name
   */
  record Seen(
      long at,
      String topic,
      int partition,
      long offset,
      String key,
      long timestamp,
      String id,
      Map<String, String> facts)
      implements Entry {

    /**
     * One of the facts.
     *
     * @throws IllegalStateException if the record has none of that name
     */
    public String fact(String name) {
      String fact = facts.get(name);
      if (fact == null) {
        throw new IllegalStateException("a record of " + topic + " has no " + name + ": " + facts);
      }
      return fact;
    }
  }

  /**
   * The store answered a request that writes an object.
   *
   * @param worker name of the worker that sent the request
   * @param key of the object
   * @param status of the answer
   */
  record Put(long at, String worker, String key, int status) implements Entry {}

  /**
   * An object in the store at the end of the run.
   *
   * @param key of the object
   * @param bytes size
   * @param sha256 of its bytes, lower-case hexadecimal
   * @param mark MATCH, OTHER_KEY, NOT_FOUND or UNREADABLE; NOT_EXAMINED if the mark was not looked
   *     for
   */
  record Stored(long at, String key, long bytes, String sha256, String mark) implements Entry {}

  /**
   * The run could not go on as planned. Requests published before this still need an outcome.
   *
   * @param what description of the problem
   */
  record Trouble(long at, String what) implements Entry {}

  /**
   * After a fault: how long it took until no request waited any more.
   *
   * @param number of the fault
   * @param millis from the fault's end
   * @param drained whether all requests had an outcome within the time limit
   * @param open requests that had no outcome yet
   */
  record Drain(long at, int number, long millis, boolean drained, int open) implements Entry {}

  /**
   * Resources that the process of a worker holds.
   *
   * @param heapBytes heap in use, from the worker's metrics; -1 if they could not be read
   * @param residentBytes resident memory
   * @param descriptors open file descriptors
   * @param threads threads
   * @param finished outcomes of all workers seen so far
   */
  record Sample(
      long at,
      String worker,
      long pid,
      long heapBytes,
      long residentBytes,
      int descriptors,
      int threads,
      long finished)
      implements Entry {}

  /**
   * The recorder has read every topic to its end, and every object; written last.
   *
   * @param records read, by topic
   * @param objects read
   */
  record Complete(long at, Map<String, Long> records, long objects) implements Entry {}

  /** What kind of record was published. */
  enum Publication {
    /** A request, the first under its id. */
    REQUEST,
    /** The same request again. */
    REPEAT,
    /** The id with other contents. */
    CONFLICT,
    /** The same request again, in another partition than that of its key. */
    MISPLACED,
    /** A request with the key of another request. */
    FOREIGN_KEY,
    /** Bytes that are no request. */
    UNDECODABLE,
    /** A cancellation, on its own topic. */
    CANCELLATION
  }

  /** How a request must end. */
  enum Expected {
    /** As completed. */
    COMPLETED,
    /** As failed, whatever the code. */
    FAILED,
    /** Either way. */
    EITHER,
    /** The record becomes a dead letter, and its key gets a failed event if it is a valid id. */
    DEAD_LETTER,
    /** The record becomes a dead letter and gives no id an outcome. */
    DEAD_LETTER_ONLY,
    /** The record has no outcome: the request that it repeats or cancels has it. */
    NOTHING
  }

  /** The promise about time that is checked for a request. */
  enum Bound {
    /** None. */
    NONE,
    /** It was published during a rolling restart. */
    ADMITTED_DURING_RESTART,
    /**
     * It was published to a partition of a healthy worker, while another worker died and one
     * joined.
     */
    BEGUN_BESIDE_DEATH
  }

  /** Start or end of a fault. */
  enum Phase {
    /** The fault starts. */
    BEGAN,
    /** What was broken works again. */
    ENDED
  }

  /** Changes of a process. */
  enum Change {
    /** It was started. */
    STARTED,
    /** It reported ready. */
    READY,
    /** It was ended as by kill -9. */
    KILLED,
    /** It was stopped with SIGSTOP. */
    FROZEN,
    /** It was continued with SIGCONT. */
    THAWED,
    /** It was asked to stop with SIGTERM. */
    STOP_REQUESTED,
    /** It ended; see the exit status. */
    ENDED
  }
}
