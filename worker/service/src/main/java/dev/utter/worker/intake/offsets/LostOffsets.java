package dev.utter.worker.intake.offsets;

/**
 * What to do with a partition of a lane whose committed offset is missing, or lies past the end of
 * the log, while the log holds records: it is unknown which of them are finished.
 */
public enum LostOffsets {
  /** Leave the partition alone and report it, until an operator has decided. */
  REFUSE,
  /** Take every record in the log: no request is lost, some may get a second outcome. */
  START_AT_BEGINNING,
  /** Take only later records: no request gets a second outcome, some may get none. */
  START_AT_END
}
