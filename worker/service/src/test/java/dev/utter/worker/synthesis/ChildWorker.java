package dev.utter.worker.synthesis;

import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.worker.synthesis.WorkerParts.Addresses;
import dev.utter.worker.synthesis.WorkerParts.Variation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A worker in a separate process, so that a test may kill or freeze it. */
final class ChildWorker implements AutoCloseable {
  /** More than a child gets to run in most tests. */
  static final int SLOTS = 4;

  /** Content of a context file that kills the process which decodes it. */
  static final String HALTS = "halt";

  /** Content of a context file that takes more memory than there is. */
  static final String EXHAUSTS = "exhaust";

  private final Process process;
  private final List<String> output = new CopyOnWriteArrayList<>();

  private ChildWorker(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "child-output");
    reader.setDaemon(true);
    reader.start();
  }

  static ChildWorker start(Addresses addresses, String group, String name) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:TieredStopAtLevel=1",
                "-Dutter.home=" + System.getProperty("utter.home"),
                "-cp",
                System.getProperty("java.class.path"),
                ChildWorker.class.getName()));
    command.addAll(
        List.of(
            addresses.kafka(),
            addresses.registry(),
            addresses.s3(),
            addresses.access(),
            addresses.secret(),
            group,
            name));
    try {
      return new ChildWorker(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The child's side. */
  public static void main(String[] arguments) {
    Addresses addresses =
        new Addresses(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
    WorkerParts.worker(
            addresses,
            addresses.store(),
            new TestingSpeechModel(SLOTS),
            arguments[5],
            arguments[6],
            WorkerParts.WATERMARK,
            Variation.NONE.with(ChildWorker::decode))
        .start();
  }

  /** Decodes, unless the file says what harm it does. */
  private static Recording decode(byte[] file, DecodeOptions options) {
    String start = new String(file, 0, Math.min(file.length, 7), StandardCharsets.ISO_8859_1);
    if (start.startsWith(HALTS)) {
      signal(ProcessHandle.current().pid(), "KILL");
    }
    if (start.startsWith(EXHAUSTS)) {
      List<byte[]> all = new ArrayList<>();
      while (all.size() < 1024) {
        all.add(new byte[1 << 20]);
      }
    }
    return WorkerParts.decode(file, options);
  }

  private void read() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      reader.lines().forEach(output::add);
    } catch (IOException | UncheckedIOException e) {
      output.add(e.toString());
    }
  }

  boolean speaks(String text) {
    return output.contains("SPEAKING " + text);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** SIGSTOP: the process stands still, its connections stay open. */
  void freeze() {
    signal("STOP");
  }

  void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    signal(process.pid(), name);
  }

  static void signal(long pid, String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().onExit().join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> output() {
    return output;
  }

  @Override
  public void close() {
    kill();
  }
}
