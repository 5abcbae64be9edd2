/**
 * Takes records from the lanes into a bounded window, remembers in the commit metadata which of
 * them are started and finished, and publishes outcomes together with that progress in one
 * transaction. Knows bytes and offsets; what a record means is the business of the {@link
 * dev.utter.worker.intake.DeliveryHandler}. Here is what passes between the {@linkplain
 * dev.utter.worker.intake.loop loop} and that handler.
 */
package dev.utter.worker.intake;
