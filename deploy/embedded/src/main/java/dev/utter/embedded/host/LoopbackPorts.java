package dev.utter.embedded.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hands out loopback ports that are not in use, each once per JVM.
 *
 * <p>The ports lie below the range from which operating systems take the ports of outgoing
 * connections (32768 and up on Linux, 49152 and up elsewhere). A port of that range can be lost
 * while its server is stopped: the operating system may give it as local port to a client that
 * tries to reconnect. The client then connects to itself, and the server cannot be started again.
 */
public final class LoopbackPorts {
  private static final int FIRST = 15_000;
  private static final int PAST_LAST = 32_768;
  private static final int TRIES = 1_000;
  private static final Set<Integer> HANDED_OUT = ConcurrentHashMap.newKeySet();

  /** Two test JVMs that start at the same time must not try the same sequence of ports. */
  private static final Random RANDOM =
      new Random(System.nanoTime() ^ (ProcessHandle.current().pid() << 32));

  private LoopbackPorts() {}

  /** The given port, or a free one if it is 0. */
  public static int orFree(int wanted) {
    return wanted == 0 ? free() : wanted;
  }

  /** A free port, for a server that must know its port before it starts. */
  public static int free() {
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int port = RANDOM.nextInt(FIRST, PAST_LAST);
      if (HANDED_OUT.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no free loopback port between " + FIRST + " and " + (PAST_LAST - 1));
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
      return true;
    } catch (IOException inUse) {
      return false;
    }
  }

  /**
   * Checks that a number is a port or 0, and returns it.
   *
   * @param name name of the setting, for the message
   * @throws IllegalArgumentException if it is neither
   */
  public static int requirePort(String name, int port) {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException(
          name + " is " + port + "; it must be a port number, or 0 for any free port");
    }
    return port;
  }
}
