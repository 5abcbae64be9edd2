package dev.utter.worker.streams.commit;

/** When a stage commits what it has processed, and so lets others see it. */
public enum CommitTime {
  /**
   * When all that the last poll brought is processed. A lone record is passed on at once. Where
   * many come, they queue up behind the commit under way and share the next one, so that the
   * broker's response time bounds the commits, to some tens per second and stage.
   *
   * <p>The commit interval of Kafka Streams is the fallback: if a partition is revoked between poll
   * and processing, the count stays too high, and the interval applies.
   */
  AFTER_EACH_POLL,

  /**
   * Four times a second, with as few fetches: for a stage whose latency does not matter. A record
   * passes up to half a second later. The broker saves most fetches and transactions, since the
   * records of one request follow each other closely and share both.
   */
  SELDOM
}
