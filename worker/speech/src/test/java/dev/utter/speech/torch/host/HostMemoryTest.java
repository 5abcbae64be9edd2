package dev.utter.speech.torch.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {
  private static final long MACHINE_LEFT = 3000 * 1024;
  private static final String VERSION_2 = "0::%s\n";
  private static final String VERSION_1 = "3:cpu,cpuacct:/elsewhere\n2:memory:%s\n0::/\n";
  private static final String MOUNT_2 =
      "22 1 0:21 / /proc rw,nosuid - proc proc rw\n"
          + "30 23 0:26 %s /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
  private static final String MOUNT_1 =
      "31 23 0:27 / /sys/fs/cgroup/cpu rw shared:10 - cgroup cgroup rw,cpu,cpuacct\n"
          + "32 23 0:28 %s /sys/fs/cgroup/memory rw shared:11 - cgroup cgroup rw,memory\n";

  @TempDir private Path root;

  @BeforeEach
  void describeMachine() throws IOException {
    write("proc/meminfo", "MemTotal:  4000 kB\nMemAvailable:   3000 kB\nCached: 7 kB\n");
  }

  @AfterEach
  void reserveNothing() {
    HostMemory.reserve(0);
  }

  @Test
  void isWhatTheMachineHasLeft() {
    assertThat(new HostMemory(root).available(0)).isEqualTo(MACHINE_LEFT);
    assertThat(new HostMemory(root).limit()).isEqualTo(4000 * 1024);
  }

  @Test
  void isWhatTheContainerHasLeftIfThatIsLess() throws IOException {
    // Given
    member(VERSION_2, "/", MOUNT_2, "/");
    group2("", "1000000", "900000");

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(150_000);
    assertThat(new HostMemory(root).limit()).isEqualTo(1_000_000);
  }

  @Test
  void takesAContainerWithoutLimitForTheMachine() throws IOException {
    // Given
    member(VERSION_2, "/", MOUNT_2, "/");
    group2("", "max", "900000");

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(MACHINE_LEFT);
    assertThat(new HostMemory(root).limit()).isEqualTo(4000 * 1024);
  }

  @Test
  void seesTheLimitOfANestedGroup() throws IOException {
    // Given
    member(VERSION_2, "/user.slice/x.scope", MOUNT_2, "/");
    group2("/user.slice", "max", "2000000");
    group2("/user.slice/x.scope", "1000000", "900000");

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(150_000);
    assertThat(new HostMemory(root).limit()).isEqualTo(1_000_000);
  }

  @Test
  void seesTheLimitOfAGroupAboveItsOwn() throws IOException {
    // Given
    member(VERSION_2, "/pods/pod/container", MOUNT_2, "/");
    group2("/pods/pod", "800000", "790000");
    group2("/pods/pod/container", "1000000", "100000");

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(60_000);
    assertThat(new HostMemory(root).limit()).isEqualTo(800_000);
  }

  @Test
  void seesTheLimitOfVersionOne() throws IOException {
    // Given
    member(VERSION_1, "/docker/abc", MOUNT_1, "/");
    group1("", "9223372036854771712", "3000000");
    group1("/docker/abc", "1000000", "900000");

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(150_000);
    assertThat(new HostMemory(root).limit()).isEqualTo(1_000_000);
  }

  @Test
  void seesTheGroupAtTheMountWhereAContainerHasOnlyThat() throws IOException {
    // Given
    member(VERSION_1, "/docker/abc", MOUNT_1, "/docker/abc");
    group1("", "1000000", "900000");

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(150_000);
  }

  @Test
  void seesTheGroupAtTheMountWhereItsOwnIsOutOfSight() throws IOException {
    // Given
    member(VERSION_2, "/../../outside", MOUNT_2, "/");
    group2("", "1000000", "900000");

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(150_000);
  }

  @Test
  void fallsBackToTheHeapWhereNothingIsSaid() throws IOException {
    // Given
    Files.delete(root.resolve("proc/meminfo"));

    // Then
    assertThat(new HostMemory(root).available(0)).isEqualTo(Runtime.getRuntime().maxMemory());
  }

  @Test
  void whatIsReservedIsNotFree() {
    // Given
    HostMemory.reserve(HostMemory.limitBytes());

    // Then
    assertThat(HostMemory.freeBytes()).isZero();
    HostMemory.reserve(0);
    assertThat(HostMemory.freeBytes()).isLessThan(HostMemory.limitBytes());
  }

  /** The system counts pages of mapped files as free; a group does so while they are inactive. */
  @Test
  void whatIsMappedIsNotFree() throws IOException {
    // Given
    HostMemory memory = new HostMemory(root);

    // Then
    assertThat(memory.available(1000)).isEqualTo(MACHINE_LEFT - 1000);

    // When
    member(VERSION_2, "/", MOUNT_2, "/");
    group2("", "1000000", "900000");

    // Then
    assertThat(memory.available(20_000)).isEqualTo(130_000);
    assertThat(memory.available(60_000)).isEqualTo(100_000);
  }

  @Test
  void whatThisProcessMappedIsNotFreeUntilItIsUnmapped() {
    // Given
    long mapped = HostMemory.limitBytes();

    // When
    HostMemory.addMapped(mapped);
    long free = HostMemory.freeBytes();
    HostMemory.addMapped(-mapped);

    // Then
    assertThat(free).isZero();
    assertThat(HostMemory.freeBytes()).isPositive();
  }

  private void member(String groups, String own, String mounts, String top) throws IOException {
    write("proc/self/cgroup", groups.formatted(own));
    write("proc/self/mountinfo", mounts.formatted(top));
  }

  private void group2(String group, String limit, String used) throws IOException {
    String folder = "sys/fs/cgroup" + group + "/";
    write(folder + "memory.max", limit + "\n");
    write(folder + "memory.current", used + "\n");
    write(folder + "memory.stat", "anon 5\ninactive_file 50000\n");
  }

  private void group1(String group, String limit, String used) throws IOException {
    String folder = "sys/fs/cgroup/memory" + group + "/";
    write(folder + "memory.limit_in_bytes", limit + "\n");
    write(folder + "memory.usage_in_bytes", used + "\n");
    write(folder + "memory.stat", "inactive_file 7\ntotal_inactive_file 50000\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
