/** The state stores of the stages: their memory, and what is swept out of them. */
package dev.utter.worker.streams.store;
