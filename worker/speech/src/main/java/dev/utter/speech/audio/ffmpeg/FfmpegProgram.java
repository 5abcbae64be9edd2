package dev.utter.speech.audio.ffmpeg;

import dev.utter.speech.cache.CacheFolder;
import dev.utter.speech.digest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the ffmpeg program: the one named by the system property {@code utter.ffmpeg} or, by
 * default, the one packaged on the class path, unpacked once per version under the folder of {@code
 * utter.cache} (or {@code UTTER_CACHE}, or {@code ~/.cache/utter}). The unpacked files are compared
 * with the package once in every process, and unpacked again if they differ.
 */
public final class FfmpegProgram {
  /** Libraries that the packaged ffmpeg names but that work on files never calls. */
  private static final List<String> UNUSED_LIBRARIES =
      List.of(
          "libpulse.so.0",
          "libasound.so.2",
          "libxcb.so.1",
          "libxcb-shm.so.0",
          "libudev.so.1",
          "libdrm.so.2",
          "libva.so.2",
          "libva-drm.so.2");

  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;

  private static final Logger LOG = LoggerFactory.getLogger(FfmpegProgram.class);

  private static @Nullable Path unpacked;
  private static boolean swept;

  private FfmpegProgram() {}

  /**
   * The executable.
   *
   * @throws AudioToolException if there is none for this platform or it cannot be unpacked
   */
  public static Path locate() {
    sweep();
    String named = System.getProperty("utter.ffmpeg");
    return named == null ? unpacked() : Path.of(named);
  }

  /** Runs once in a process. */
  private static synchronized void sweep() {
    if (!swept) {
      swept = true;
      Folders.sweep(Path.of(System.getProperty("java.io.tmpdir")), Instant.now());
    }
  }

  /** Unpacks at the first call. Later calls share the result; after a failure they try again. */
  private static synchronized Path unpacked() {
    if (unpacked == null) {
      unpacked = unpack(platform(), CacheFolder.ofProcess());
    }
    return unpacked;
  }

  /** Unpacks into a folder named after the package's contents, unless it is there already. */
  static Path unpack(String platform, Path cache) {
    String prefix = "org/bytedeco/ffmpeg/" + platform + "/";
    URL url = FfmpegProgram.class.getClassLoader().getResource(prefix + "ffmpeg");
    if (url == null) {
      throw new AudioToolException(
          "no ffmpeg for "
              + platform
              + " on the class path; name an installed one with -Dutter.ffmpeg=PATH");
    }
    try {
      if (!(url.openConnection() instanceof JarURLConnection connection)) {
        throw new AudioToolException("ffmpeg on the class path must be in a jar, is " + url);
      }
      connection.setUseCaches(false);
      try (JarFile jar = connection.getJarFile()) {
        return unpack(jar, prefix, platform, cache).resolve("ffmpeg");
      }
    } catch (IOException e) {
      throw new AudioToolException("ffmpeg cannot be unpacked under " + cache, e);
    }
  }

  private static Path unpack(JarFile jar, String prefix, String platform, Path cache)
      throws IOException {
    List<JarEntry> entries =
        jar.stream().filter(entry -> isNeeded(entry.getName(), prefix)).toList();
    Path folder = cache.resolve("ffmpeg-" + platform + "-" + digest(entries));
    if (Files.isDirectory(folder)) {
      if (holds(folder, jar, entries, prefix, platform)) {
        return folder;
      }
      LOG.atWarn()
          .addKeyValue("folder", folder)
          .log("The unpacked ffmpeg differs from the package; it is unpacked again");
      Folders.delete(folder);
    }
    Files.createDirectories(cache);
    Path growing = Files.createTempDirectory(cache, "unpacking-");
    try {
      for (JarEntry entry : entries) {
        Path file = growing.resolve(fileName(entry.getName(), prefix));
        try (InputStream in = jar.getInputStream(entry)) {
          Files.copy(in, file);
        }
      }
      if (!growing.resolve("ffmpeg").toFile().setExecutable(true)) {
        throw new IOException("ffmpeg in " + growing + " cannot be made executable");
      }
      if (platform.startsWith("linux")) {
        for (String library : UNUSED_LIBRARIES) {
          if (!Files.exists(growing.resolve(library))) {
            Files.write(growing.resolve(library), EmptyLibrary.named(library, machine(platform)));
          }
        }
      }
      Files.move(growing, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      boolean anotherProcessWasFaster = Files.isDirectory(folder);
      if (!anotherProcessWasFaster) {
        throw e;
      }
    } finally {
      Folders.delete(growing);
    }
    return folder;
  }

  private static int machine(String platform) {
    return platform.endsWith("arm64") ? AARCH64 : X86_64;
  }

  /** Whether a folder holds the files of the package, byte for byte, and no others. */
  private static boolean holds(
      Path folder, JarFile jar, List<JarEntry> entries, String prefix, String platform)
      throws IOException {
    Set<String> packagedNames = new HashSet<>();
    for (JarEntry entry : entries) {
      String name = fileName(entry.getName(), prefix);
      packagedNames.add(name);
      Path file = folder.resolve(name);
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      try (InputStream packaged = jar.getInputStream(entry);
          InputStream unpacked = Files.newInputStream(file)) {
        if (!same(packaged, unpacked)) {
          return false;
        }
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        boolean empty =
            !packagedNames.contains(name)
                && UNUSED_LIBRARIES.contains(name)
                && Arrays.equals(
                    Files.readAllBytes(file), EmptyLibrary.named(name, machine(platform)));
        if (!packagedNames.contains(name) && !empty) {
          return false;
        }
      }
    }
    return Files.isExecutable(folder.resolve("ffmpeg"));
  }

  private static boolean same(InputStream first, InputStream second) throws IOException {
    byte[] one = new byte[1 << 16];
    byte[] other = new byte[1 << 16];
    int read;
    do {
      read = first.readNBytes(one, 0, one.length);
      int alike = second.readNBytes(other, 0, other.length);
      if (read != alike || !Arrays.equals(one, 0, read, other, 0, read)) {
        return false;
      }
    } while (read == one.length);
    return true;
  }

  private static boolean isNeeded(String name, String prefix) {
    if (!name.startsWith(prefix) || name.endsWith("/")) {
      return false;
    }
    String file = name.substring(prefix.length());
    return !file.startsWith("libjni") && !file.startsWith("ffprobe");
  }

  /** Two libraries are packaged without the version their users ask for. */
  private static String fileName(String name, String prefix) {
    String file = name.substring(prefix.length());
    return file.equals("libva.so") || file.equals("libva-drm.so") ? file + ".2" : file;
  }

  private static String digest(List<JarEntry> entries) {
    MessageDigest digest = Sha256.start();
    entries.stream()
        .map(entry -> entry.getName() + " " + entry.getSize() + " " + entry.getCrc() + "\n")
        .sorted(Comparator.naturalOrder())
        .forEach(line -> digest.update(line.getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    boolean arm = arch.equals("aarch64") || arch.equals("arm64");
    return (os.startsWith("mac") ? "macosx" : "linux") + (arm ? "-arm64" : "-x86_64");
  }
}
