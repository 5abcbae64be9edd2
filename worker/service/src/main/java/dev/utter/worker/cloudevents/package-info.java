/** Headers of outcomes for consumers that read CloudEvents. */
package dev.utter.worker.cloudevents;
