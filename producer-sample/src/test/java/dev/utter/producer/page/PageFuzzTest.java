package dev.utter.producer.page;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Sends arbitrary headers to the page. */
class PageFuzzTest {
  private static final int[] LENGTHS = {0, 1, 1_000};
  private static final Set<String> HOSTS = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final PageGuard GUARD = new PageGuard(InetAddress.getLoopbackAddress(), List.of());

  @FuzzTest
  void aRangeIsPartOfTheClip(byte[] bytes) {
    for (int length : LENGTHS) {
      Optional<ByteRange> range = ByteRange.parse(new String(bytes, ISO_8859_1), length);
      if (range.isPresent()
          && !range.get().isEmpty()
          && (range.get().from() < 0 || range.get().to() > length)) {
        throw new AssertionError(range.get().of(length));
      }
    }
  }

  /** The bytes are the host, and in a second line the origin. */
  @FuzzTest
  void noOtherSiteIsServed(byte[] bytes) {
    String[] lines = new String(bytes, ISO_8859_1).replace("\r", "").split("\n", 3);
    Headers headers = new Headers();
    headers.set("Host", lines[0]);
    if (lines.length > 1) {
      headers.set("Origin", lines[1]);
    }
    if (GUARD.refusal(headers).isPresent()) {
      return;
    }
    String host = URI.create("http://" + lines[0] + "/").getHost();
    boolean foreign =
        lines.length > 1 && !lines[0].equalsIgnoreCase(URI.create(lines[1]).getRawAuthority());
    if (foreign || host == null || !HOSTS.contains(host.toLowerCase(Locale.ROOT))) {
      throw new AssertionError("served to " + String.join(" from ", lines));
    }
  }
}
