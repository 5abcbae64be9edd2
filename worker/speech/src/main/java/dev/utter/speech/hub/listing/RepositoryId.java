package dev.utter.speech.hub.listing;

import java.util.regex.Pattern;

/**
 * Name of a model on the hub, for example {@code sesame/csm-1b}.
 *
 * @param owner user or organisation
 * @param name the model's name
 */
public record RepositoryId(String owner, String name) {

  private static final int MAX_LENGTH = 96;
  private static final Pattern PART =
      Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?");

  /** Checks the hub's rules for names, which keep folders and addresses out. */
  public RepositoryId {
    if (!isName(owner) || !isName(name) || owner.length() + 1 + name.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "\"" + owner + "/" + name + "\" is no name of a model, must be like sesame/csm-1b");
    }
  }

  /**
   * Reads {@code owner/name}.
   *
   * @throws IllegalArgumentException if the text is no such name
   */
  public static RepositoryId parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no name of a model, must be like sesame/csm-1b");
    }
    return new RepositoryId(text.substring(0, slash), text.substring(slash + 1));
  }

  private static boolean isName(String part) {
    return PART.matcher(part).matches() && !part.contains("--") && !part.contains("..");
  }

  /** Name of its folder in the cache. */
  public String folder() {
    return "models--" + owner + "--" + name;
  }

  @Override
  public String toString() {
    return owner + "/" + name;
  }
}
