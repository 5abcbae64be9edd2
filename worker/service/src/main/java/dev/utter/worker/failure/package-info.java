/**
 * The four answers to anything that goes wrong: try later ({@link
 * dev.utter.worker.failure.RetryLaterException}), not mine any more ({@link
 * dev.utter.worker.failure.NotMineException}), this request can never succeed ({@link
 * dev.utter.worker.failure.RequestFailedException}), I am broken ({@link
 * dev.utter.worker.failure.WorkerBrokenException}). Each maps to exactly one way of treating the
 * record in hand.
 */
package dev.utter.worker.failure;
