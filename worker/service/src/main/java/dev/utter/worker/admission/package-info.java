/**
 * Admission: the first stage. Checks every request, drops repetitions, refuses one id with two
 * contents, and forwards the original bytes to the lane of the request's priority. A Kafka Streams
 * topology whose state is one entry per request id.
 */
package dev.utter.worker.admission;
