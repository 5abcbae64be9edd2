package dev.utter.embedded.kafka;

import dev.utter.embedded.host.DataFolder;
import dev.utter.embedded.host.LoopbackPorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An {@link EmbeddedKafka} in a separate JVM, so that it can be killed. The child process ends when
 * this JVM does. Methods may be called from any thread; they run one at a time.
 */
public final class KafkaProcess implements AutoCloseable {
  private static final String READY = "READY";

  private final DataFolder folder;
  private final int port;
  private final List<String> command;
  private @Nullable Process process;

  private KafkaProcess(EmbeddedKafkaSettings settings) {
    folder = DataFolder.open(settings.folder(), "utter-kafka-process-");
    port = LoopbackPorts.orFree(settings.port());
    command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KafkaProcess.class.getName(),
                folder.path().toString(),
                Integer.toString(port),
                Integer.toString(LoopbackPorts.orFree(settings.controllerPort()))));
    settings.properties().forEach((name, value) -> command.add(name + "=" + value));
  }

  /** Starts a broker process; returns when clients can use it. */
  public static KafkaProcess start(EmbeddedKafkaSettings settings) {
    KafkaProcess kafka = new KafkaProcess(settings);
    try {
      kafka.start();
    } catch (RuntimeException e) {
      kafka.close();
      throw e;
    }
    return kafka;
  }

  /** Host and port for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Starts a killed broker on the same ports and data; does nothing if it runs. */
  public synchronized void start() {
    if (process != null) {
      return;
    }
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
      awaitReady(process.inputReader());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a Kafka process", e);
    }
  }

  /** Ends the broker as {@code kill -9} does, without an orderly shutdown. */
  public synchronized void kill() {
    if (process == null) {
      return;
    }
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process = null;
  }

  /** Kills the broker and deletes its data if the folder is temporary. */
  @Override
  public synchronized void close() {
    kill();
    folder.close();
  }

  /** Runs the child: folder, port, controller's port, properties as {@code name=value}. */
  public static void main(String[] arguments) throws IOException {
    Map<String, String> properties = new HashMap<>();
    for (String argument : List.of(arguments).subList(3, arguments.length)) {
      String[] pair = argument.split("=", 2);
      properties.put(pair[0], pair[1]);
    }
    EmbeddedKafka.start(
        new EmbeddedKafkaSettings(
            Optional.of(Path.of(arguments[0])),
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[2]),
            properties));
    System.out.println(READY);
    // The parent never writes, so the read returns when the parent has ended.
    System.in.transferTo(OutputStream.nullOutputStream());
    Runtime.getRuntime().halt(0);
  }

  private void awaitReady(BufferedReader output) throws IOException {
    List<String> said = new ArrayList<>();
    for (String line = output.readLine(); !READY.equals(line); line = output.readLine()) {
      if (line == null) {
        throw new IllegalStateException("the Kafka process ended at its start: " + said);
      }
      said.add(line);
    }
    Thread drain =
        new Thread(
            () -> {
              try (output) {
                output.transferTo(Writer.nullWriter());
              } catch (IOException killed) {
                // The pipe breaks when the process ends.
              }
            },
            "kafka-process-output");
    drain.setDaemon(true);
    drain.start();
  }
}
