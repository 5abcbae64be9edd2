/** Checks that a worker makes before its parts start. */
package dev.utter.worker.start;
