/** Who published a record: the key that identifies publishers, and their settings. */
package dev.utter.worker.publisher;
