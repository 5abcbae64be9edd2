package dev.utter.worker.streams.commit;

/** When a stage commits what it has processed, and so lets others see it. */
public enum CommitTime {
  /**
   * When all that the last poll brought is processed. A lone record is passed on at once. Where
   * many come, they queue up behind the commit under way and share the next one, so that there are
   * never more commits than the broker answers one after the other, some tens a second and stage.
   *
   * <p>Under it lies the commit interval of Kafka Streams: a partition that leaves between poll and
   * processing leaves the count too high, and then the interval holds.
   */
  AFTER_EACH_POLL,

  /**
   * Four times a second, fetching as rarely: for a stage that nobody waits for. A record passes up
   * to half a second later; what the broker saves is most of its fetches and transactions, since
   * the records of one request come soon after each other and then share both.
   */
  SELDOM
}
