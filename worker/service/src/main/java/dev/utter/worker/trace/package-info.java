/** Traces of requests, and what log lines say of the request they are about. Knows no library. */
package dev.utter.worker.trace;
