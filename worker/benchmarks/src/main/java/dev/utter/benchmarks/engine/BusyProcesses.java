package dev.utter.benchmarks.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Processes beside the engine that keep a processor busy each, until they are closed. */
final class BusyProcesses implements AutoCloseable {

  private final List<Process> running = new ArrayList<>();

  private BusyProcesses() {}

  /** The caller closes them. */
  static BusyProcesses start(int count) {
    BusyProcesses started = new BusyProcesses();
    try {
      for (int i = 0; i < count; i++) {
        started.running.add(new ProcessBuilder("/bin/sh", "-c", "while :; do :; done").start());
      }
      return started;
    } catch (IOException e) {
      started.close();
      throw new UncheckedIOException("cannot start a busy process", e);
    }
  }

  /** How many of them are running. */
  long count() {
    return running.stream().filter(Process::isAlive).count();
  }

  /** Ends them, and waits for their end. */
  @Override
  public void close() {
    running.forEach(Process::destroyForcibly);
    running.forEach(process -> process.onExit().join());
  }
}
