/** Threads whose end can be waited for. */
package dev.utter.worker.threads;
