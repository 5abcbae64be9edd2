package dev.utter.speech.hub;

import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import java.net.HttpURLConnection;
import java.util.Optional;

/**
 * Facts about the file that a redirect of the hub leads to.
 *
 * @param etag checksum, if the answer has one
 * @param size bytes, if the answer has them
 * @param commit the commit that the file is of, if the answer has one
 */
record LinkedFile(Optional<String> etag, Optional<String> size, Optional<String> commit) {

  static final LinkedFile UNKNOWN =
      new LinkedFile(Optional.empty(), Optional.empty(), Optional.empty());

  static LinkedFile of(HttpURLConnection connection) {
    return new LinkedFile(
        header(connection, "X-Linked-Etag").map(LinkedFile::bare),
        header(connection, "X-Linked-Size"),
        header(connection, "X-Repo-Commit"));
  }

  /**
   * Compares with the listing.
   *
   * @throws HubException if the hub contradicts its own listing
   */
  void check(HubFile file, String listedCommit) {
    check(file, "checksum", etag, file.etag());
    check(file, "size", size, Long.toString(file.size()));
    check(file, "commit", commit, listedCommit);
  }

  private static void check(HubFile file, String what, Optional<String> found, String listed) {
    if (found.isPresent() && !found.get().equals(listed)) {
      throw new HubException(
          "the hub lists the %s %s for %s, but serves %s"
              .formatted(what, listed, file.path(), HubFile.printable(found.get())));
    }
  }

  private static Optional<String> header(HttpURLConnection connection, String name) {
    return Optional.ofNullable(connection.getHeaderField(name)).map(String::strip);
  }

  private static String bare(String etag) {
    return etag.replaceFirst("^W/", "").replace("\"", "");
  }
}
