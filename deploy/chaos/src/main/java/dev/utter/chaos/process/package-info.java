/** The processes of a run: broker, workers, and the faulty network before registry and S3. */
package dev.utter.chaos.process;
