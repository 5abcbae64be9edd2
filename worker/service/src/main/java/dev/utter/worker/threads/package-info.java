/** Threads whose end can be waited for, and waits that end with the worker. */
package dev.utter.worker.threads;
