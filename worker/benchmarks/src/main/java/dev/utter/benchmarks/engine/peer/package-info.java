/** The reference implementation in Python, as a child process, and what it measured. */
package dev.utter.benchmarks.engine.peer;
