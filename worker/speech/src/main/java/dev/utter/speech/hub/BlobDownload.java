package dev.utter.speech.hub;

import dev.utter.speech.cache.FetchLock;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.RepositoryId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Downloads the content of one file into the cache, continuing what an earlier attempt left. */
final class BlobDownload {

  private static final int BUFFER_BYTES = 1 << 16;

  private final HubHttp http;
  private final HubRefusals refusals;
  private final HubSettings settings;
  private final HubCache cache;
  private final Patience.Pause pause;
  private final HubListing listing;
  private final HubFile file;
  private final FetchListener listener;
  private final Path partial;
  private long furthest;

  BlobDownload(
      HubHttp http,
      HubRefusals refusals,
      HubSettings settings,
      HubCache cache,
      Patience.Pause pause,
      HubListing listing,
      HubFile file,
      FetchListener listener) {
    this.http = http;
    this.refusals = refusals;
    this.settings = settings;
    this.cache = cache;
    this.pause = pause;
    this.listing = listing;
    this.file = file;
    this.listener = listener;
    this.partial = cache.partial(listing.reference().id(), file);
  }

  private RepositoryId id() {
    return listing.reference().id();
  }

  /** Returns once the cache has the content, complete and with the right checksum. */
  void run() throws IOException {
    FetchLock lock = FetchLock.take(cache.lock(id(), file), () -> listener.waits(file));
    try {
      if (cache.holds(id(), file)) {
        // Another download was faster.
        listener.finished(file);
        return;
      }
      Files.createDirectories(partial.getParent());
      listener.begins(file, size());
      fetch();
      Files.move(partial, cache.blob(id(), file), StandardCopyOption.ATOMIC_MOVE);
      listener.finished(file);
    } finally {
      lock.release();
    }
  }

  private void fetch() throws IOException {
    Patience patience = new Patience(pause, listener);
    boolean continued = size() > 0;
    boolean damaged = false;
    while (true) {
      try {
        if (size() > file.size()) {
          startAgain();
        }
        if (size() < file.size() || !Files.exists(partial)) {
          receive(size(), patience);
        }
        if (hash().equals(file.etag())) {
          return;
        }
        startAgain();
        // Bytes of an earlier attempt may be wrong. A file that came in one piece is the hub's own.
        if (damaged || !continued) {
          throw new HubException(
              "the checksum of " + file.path() + " of " + id() + " is not the one the hub lists");
        }
        damaged = true;
      } catch (TransferException e) {
        continued = true;
        patience.failed(e);
      }
    }
  }

  private void receive(long from, Patience patience) throws IOException {
    if (file.size() == 0) {
      Files.createFile(partial);
      return;
    }
    try (HubAnswer answer = http.get(address(), from)) {
      if (answer.status() == 416) {
        startAgain();
        throw new TransferException(
            answer.place() + " has no byte " + from + " of " + file.path(), Optional.empty());
      }
      refusals.check(answer, listing.reference(), "file " + file.path());
      answer.linked().check(file, listing.commit());
      if (from > 0 && !continuesAt(answer, from)) {
        startAgain();
        if (answer.status() == 206) {
          throw new TransferException(
              answer.place() + " answered with another range than asked for", Optional.empty());
        }
      }
      write(answer, patience);
    }
  }

  private static boolean continuesAt(HubAnswer answer, long from) {
    return answer.status() == 206
        && answer
            .header("Content-Range")
            .map(range -> range.strip().startsWith("bytes " + from + "-"))
            .orElse(false);
  }

  private void write(HubAnswer answer, Patience patience) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long have = size();
    InputStream body = answer.body();
    try (OutputStream out =
        Files.newOutputStream(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND)) {
      while (true) {
        int length = answer.read(body, buffer);
        if (length < 0) {
          break;
        }
        if (have + length > file.size()) {
          throw new HubException(
              "%s sends more for %s than the %d bytes that the hub lists"
                  .formatted(answer.place(), file.path(), file.size()));
        }
        out.write(buffer, 0, length);
        have += length;
        listener.received(length);
        if (have > furthest) {
          furthest = have;
          patience.progressed();
        }
      }
    }
    if (have < file.size()) {
      throw new TransferException(
          "%s ended after %d of %d bytes".formatted(file.path(), have, file.size()),
          Optional.empty());
    }
  }

  private String hash() throws IOException {
    ContentHash hash = new ContentHash(file);
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(partial)) {
      while (true) {
        int length = in.read(buffer);
        if (length < 0) {
          return hash.value();
        }
        hash.update(buffer, length);
      }
    }
  }

  private void startAgain() throws IOException {
    listener.received(-size());
    Files.deleteIfExists(partial);
  }

  private long size() throws IOException {
    return Files.exists(partial) ? Files.size(partial) : 0;
  }

  private URI address() {
    String path =
        Stream.of(file.path().split("/")).map(HubApi::encode).collect(Collectors.joining("/"));
    return settings.resolve(id(), listing.commit(), path);
  }
}
