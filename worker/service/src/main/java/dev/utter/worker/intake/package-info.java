/**
 * Takes records from the lanes into a bounded window, remembers in the commit metadata which of
 * them are started and finished, and publishes outcomes together with that progress in one
 * transaction. It handles bytes and offsets; the {@link dev.utter.worker.intake.DeliveryHandler}
 * interprets the records. This package has what the {@linkplain dev.utter.worker.intake.loop loop}
 * and that handler exchange.
 */
package dev.utter.worker.intake;
