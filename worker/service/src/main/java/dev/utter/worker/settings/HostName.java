package dev.utter.worker.settings;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The name of this host: the kernel's name; without the kernel's file the variable {@code
 * HOSTNAME}; otherwise the resolver's name. The variable alone is not enough, because shells and
 * systemd do not export it.
 */
final class HostName {
  private static final Path KERNEL = Path.of("/proc/sys/kernel/hostname");
  private static final String NONE = "(none)";

  private HostName() {}

  /** The name, in the letters that a worker's name may have; empty if the host has none. */
  static Optional<String> of(Map<String, String> environment) {
    return first(
        List.of(
            () -> kernel(KERNEL),
            () -> Optional.ofNullable(environment.get("HOSTNAME")),
            HostName::resolver));
  }

  static Optional<String> first(List<Supplier<Optional<String>>> sources) {
    return sources.stream()
        .map(Supplier::get)
        .flatMap(Optional::stream)
        .map(name -> name.strip().replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^\\.+", ""))
        .filter(name -> !name.isEmpty())
        .findFirst();
  }

  static Optional<String> kernel(Path file) {
    try {
      return Optional.of(Files.readString(file).strip()).filter(name -> !name.equals(NONE));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> resolver() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }
}
