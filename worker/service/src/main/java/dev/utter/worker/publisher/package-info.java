/** Who published a record: the key by which publishers are told apart, and their settings. */
package dev.utter.worker.publisher;
