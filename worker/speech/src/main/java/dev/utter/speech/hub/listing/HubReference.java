package dev.utter.speech.hub.listing;

import java.util.regex.Pattern;

/**
 * A model on the hub at a revision.
 *
 * @param id the model
 * @param revision branch, tag or commit
 */
public record HubReference(RepositoryId id, String revision) {

  /** The branch that is meant where no revision is named. */
  static final String MAIN = "main";

  private static final Pattern REVISION =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  /** Checks that the revision can be a file name and part of an address. */
  public HubReference {
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      throw new IllegalArgumentException(
          "\"" + revision + "\" is no revision, must be a branch, a tag or a commit");
    }
  }

  /**
   * Reads {@code owner/name} or {@code owner/name@revision}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static HubReference parse(String text) {
    int at = text.indexOf('@');
    return at < 0
        ? new HubReference(RepositoryId.parse(text), MAIN)
        : new HubReference(RepositoryId.parse(text.substring(0, at)), text.substring(at + 1));
  }

  /** Whether the revision is a commit, which never changes. */
  public boolean isCommit() {
    return isCommit(revision);
  }

  /** Whether a text is a commit: forty hexadecimal digits. */
  public static boolean isCommit(String text) {
    return COMMIT.matcher(text).matches();
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return revision.equals(MAIN) ? id.toString() : id + "@" + revision;
  }
}
