package dev.utter.speech.hub;

import dev.utter.speech.hub.listing.HubException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An answer of which only the headers have been read. Closing it discards the rest of the body. */
final class HubAnswer implements AutoCloseable {

  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

  /** Seconds until a limit of the hub is lifted, in its header {@code RateLimit}. */
  private static final Pattern RESET = Pattern.compile(";\\s*t=(\\d{1,9})");

  private final HttpURLConnection connection;
  private final URI address;
  private final int status;
  private final boolean ofTheHub;
  private final LinkedFile linked;

  HubAnswer(
      HttpURLConnection connection, URI address, int status, boolean ofTheHub, LinkedFile linked) {
    this.connection = connection;
    this.address = address;
    this.status = status;
    this.ofTheHub = ofTheHub;
    this.linked = linked;
  }

  int status() {
    return status;
  }

  /** Where the answer comes from, for messages. */
  String place() {
    return HubHttp.describe(address);
  }

  /** Whether the hub itself answered, and not a host that it redirected to. */
  boolean isOfTheHub() {
    return ofTheHub;
  }

  LinkedFile linked() {
    return linked;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(connection.getHeaderField(name));
  }

  /** How long the server asks to wait before another attempt. */
  Optional<Duration> wait(Clock clock) {
    Optional<String> retryAfter = header("Retry-After").map(String::strip);
    if (retryAfter.isPresent()) {
      return SECONDS.matcher(retryAfter.get()).matches()
          ? Optional.of(Duration.ofSeconds(Long.parseLong(retryAfter.get())))
          : until(retryAfter.get(), clock.instant());
    }
    return header("RateLimit")
        .map(RESET::matcher)
        .filter(Matcher::find)
        .map(found -> Duration.ofSeconds(Long.parseLong(found.group(1))));
  }

  private static Optional<Duration> until(String date, Instant now) {
    try {
      Instant end = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
      return Optional.of(end.isAfter(now) ? Duration.between(now, end) : Duration.ZERO);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** The body of an answer with status 200 or 206. */
  InputStream body() throws TransferException {
    try {
      return connection.getInputStream();
    } catch (IOException e) {
      throw new TransferException("no body from " + place() + ": " + e, e);
    }
  }

  /**
   * The whole body of an answer with status 200.
   *
   * @param limit size that it may have, in bytes
   */
  byte[] bytes(int limit) throws TransferException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    InputStream body = body();
    while (true) {
      int length = read(body, buffer);
      if (length < 0) {
        break;
      }
      bytes.write(buffer, 0, length);
      if (bytes.size() > limit) {
        throw new HubException(place() + " answers with more than " + limit + " bytes");
      }
    }
    long announced = connection.getContentLengthLong();
    if (announced >= 0 && bytes.size() != announced) {
      throw new TransferException("the answer of " + place() + " was cut", Optional.empty());
    }
    return bytes.toByteArray();
  }

  /** As {@link InputStream#read(byte[])}; every failure is one of the transfer. */
  int read(InputStream body, byte[] buffer) throws TransferException {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      throw new TransferException("the connection to " + place() + " broke: " + e, e);
    }
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
