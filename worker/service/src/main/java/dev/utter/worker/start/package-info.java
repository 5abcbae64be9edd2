/** What a worker makes sure of before its parts start. */
package dev.utter.worker.start;
