package dev.utter.speech.torch.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One control group of Linux: its limit and its use of memory.
 *
 * @param folder its folder
 * @param files the names of its files, which depend on the version
 */
record ControlGroup(Path folder, Names files) {

  /** Names of files, and of the line of memory that can be dropped. */
  enum Names {
    VERSION_1("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "),
    VERSION_2("memory.max", "memory.current", "inactive_file ");

    private final String limit;
    private final String used;
    private final String droppable;

    Names(String limit, String used, String droppable) {
      this.limit = limit;
      this.used = used;
      this.droppable = droppable;
    }
  }

  /** A mounted hierarchy: the group it begins at, and where. */
  private record Mount(String group, String point, Names files) {

    /** Fields are separated by spaces; those after the dash are type, source and options. */
    static Optional<Mount> of(String line) {
      String[] halves = line.split(" - ", 2);
      String[] place = halves[0].split(" ");
      String[] type = halves.length < 2 ? new String[0] : halves[1].split(" ");
      if (place.length < 5 || type.length < 3) {
        return Optional.empty();
      }
      if (type[0].equals("cgroup2")) {
        return Optional.of(new Mount(place[3], place[4], Names.VERSION_2));
      }
      boolean ofMemory =
          type[0].equals("cgroup") && Arrays.asList(type[2].split(",")).contains("memory");
      return ofMemory
          ? Optional.of(new Mount(place[3], place[4], Names.VERSION_1))
          : Optional.empty();
    }
  }

  /**
   * The groups of this process, its own first and then those above it.
   *
   * @param root folder that holds {@code proc} and {@code sys}
   */
  static List<ControlGroup> path(Path root) {
    List<String> memberships = lines(root.resolve("proc/self/cgroup"));
    List<ControlGroup> groups = new ArrayList<>();
    for (String line : lines(root.resolve("proc/self/mountinfo"))) {
      Mount.of(line)
          .ifPresent(
              mount ->
                  membership(memberships, mount.files())
                      .ifPresent(group -> groups.addAll(upwards(root, mount, group))));
    }
    return groups;
  }

  /** Its limit; empty if it has none. */
  OptionalLong limitBytes() {
    return HostMemory.number(folder.resolve(files.limit), "");
  }

  /**
   * Free bytes below its limit; {@link Long#MAX_VALUE} if it has none.
   *
   * @param mapped bytes of files that must stay in memory; they may be among those that the system
   *     would drop
   */
  long freeBytes(long mapped) {
    OptionalLong limit = limitBytes();
    OptionalLong used = HostMemory.number(folder.resolve(files.used), "");
    if (limit.isEmpty() || used.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long droppable = HostMemory.number(folder.resolve("memory.stat"), files.droppable).orElse(0);
    return limit.getAsLong() - used.getAsLong() + Math.max(0, droppable - mapped);
  }

  /** {@code 0::/group} in version 2, {@code 5:cpu,memory:/group} in version 1. */
  private static Optional<String> membership(List<String> memberships, Names files) {
    return memberships.stream()
        .map(line -> line.split(":", 3))
        .filter(parts -> parts.length == 3)
        .filter(
            parts ->
                files == Names.VERSION_2
                    ? parts[1].isEmpty()
                    : Arrays.asList(parts[1].split(",")).contains("memory"))
        .map(parts -> parts[2])
        .findFirst();
  }

  /** In a container the mount may begin at the group itself, or the group be out of sight. */
  private static List<ControlGroup> upwards(Path root, Mount mount, String group) {
    Path top = root.resolve(mount.point().substring(1).replace("\\040", " "));
    String below =
        mount.group().equals("/")
            ? group
            : group.startsWith(mount.group()) ? group.substring(mount.group().length()) : "";
    Path own = top.resolve(below.replaceFirst("^/+", "")).normalize();
    if (!own.startsWith(top) || !Files.isDirectory(own)) {
      own = top;
    }
    List<ControlGroup> groups = new ArrayList<>();
    for (Path folder = own; folder != null && folder.startsWith(top); folder = folder.getParent()) {
      groups.add(new ControlGroup(folder, mount.files()));
    }
    return groups;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}
