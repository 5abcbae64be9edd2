/**
 * The four families of failures: try later ({@link dev.utter.worker.failure.RetryLaterException}),
 * not mine any more ({@link dev.utter.worker.failure.NotMineException}), this request can never
 * succeed ({@link dev.utter.worker.failure.RequestFailedException}), I am broken ({@link
 * dev.utter.worker.failure.WorkerBrokenException}). Each determines how the current record is
 * handled.
 */
package dev.utter.worker.failure;
