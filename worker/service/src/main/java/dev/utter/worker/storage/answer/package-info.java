/** Answers of the store, and the table of what each means. */
package dev.utter.worker.storage.answer;
