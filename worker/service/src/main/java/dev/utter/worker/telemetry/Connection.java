package dev.utter.worker.telemetry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection of {@link TelemetryServer}: one request, one answer, the end. Each of these steps
 * has a time limit. Used by the server's thread alone.
 */
final class Connection {
  private static final int MAX_HEAD_BYTES = 8_192;
  private static final int MAX_DRAINED_BYTES = 65_536;

  private final SelectionKey key;
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocate(MAX_HEAD_BYTES);
  private final Duration limit;
  private long deadline;
  private @Nullable ByteBuffer out;
  private int drained;

  /**
   * A connection whose request is still to come.
   *
   * @param limit time for each step
   */
  Connection(SelectionKey key, SocketChannel channel, Duration limit) {
    this.key = key;
    this.channel = channel;
    this.limit = limit;
    nextStep(SelectionKey.OP_READ);
  }

  /** Whether the other side is on this machine, or in this pod. */
  boolean isLocal() throws IOException {
    return channel.getRemoteAddress() instanceof InetSocketAddress remote
        && channel.getLocalAddress() instanceof InetSocketAddress local
        && isLocal(remote.getAddress(), local.getAddress());
  }

  /** Whether the other end of a connection is on the machine of this end. */
  static boolean isLocal(InetAddress other, InetAddress own) {
    return other.isLoopbackAddress() || other.equals(own);
  }

  /** Whether the step it is at takes too long. */
  boolean isLate() {
    return System.nanoTime() - deadline > 0;
  }

  /**
   * Reads what has come.
   *
   * @return the head of the request once it is complete; empty text if it is too long
   * @throws IOException if the other side has ended the connection
   */
  Optional<String> read() throws IOException {
    if (out != null) {
      drain();
      return Optional.empty();
    }
    if (channel.read(in) < 0) {
      throw new IOException("ended before the request was complete");
    }
    String head = new String(in.array(), 0, in.position(), US_ASCII);
    if (head.contains("\r\n\r\n") || head.contains("\n\n")) {
      // From here on the time limit is for the server's answer.
      deadline = System.nanoTime() + Long.MAX_VALUE / 2;
      key.interestOps(0);
      return Optional.of(head);
    }
    return in.hasRemaining() ? Optional.empty() : Optional.of("");
  }

  /** Starts to send an answer. */
  void send(Answer answer) throws IOException {
    out = answer.encode();
    nextStep(SelectionKey.OP_WRITE);
    write();
  }

  /** Sends as much as the other side takes; after the last byte it waits for the other's end. */
  void write() throws IOException {
    ByteBuffer answer = requireNonNull(out, "there is no answer yet");
    channel.write(answer);
    if (!answer.hasRemaining()) {
      // Closed with bytes unread, the connection would be reset, and the answer may get lost.
      channel.shutdownOutput();
      nextStep(SelectionKey.OP_READ);
    }
  }

  void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is left to close.
    }
  }

  private void drain() throws IOException {
    in.clear();
    int read = channel.read(in);
    drained += Math.max(0, read);
    if (read < 0 || drained > MAX_DRAINED_BYTES) {
      throw new IOException("answered");
    }
  }

  private void nextStep(int operation) {
    deadline = System.nanoTime() + limit.toNanos();
    key.interestOps(operation);
  }
}
