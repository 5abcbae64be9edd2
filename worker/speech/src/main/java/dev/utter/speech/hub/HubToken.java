package dev.utter.speech.hub;

import dev.utter.speech.hub.listing.HubException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A token of the hub. A secret: it goes to the hub's host only, and no text shows it. */
public final class HubToken {

  /** Characters allowed in a header of HTTP; a line end would begin another header. */
  private static final Pattern VALUE = Pattern.compile("[\\x21-\\x7e]{1,1024}");

  private final String value;

  private HubToken(String value) {
    this.value = value;
  }

  /**
   * Reads a token; white space around it is ignored.
   *
   * @param source where it comes from, for the message
   * @return nothing for an empty text
   * @throws HubException if the text cannot be a token
   */
  public static Optional<HubToken> of(String source, String text) {
    String value = text.strip();
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (!VALUE.matcher(value).matches()) {
      throw new HubException(
          source + " is no token: it has spaces, line ends or characters that are not ASCII");
    }
    return Optional.of(new HubToken(value));
  }

  /**
   * The token that the hub's programs would use: {@code HF_TOKEN}, else the file {@code
   * HF_TOKEN_PATH}, else {@code token} in {@code HF_HOME}.
   *
   * @param environment variables of the process
   * @param userHome the user's home folder
   * @throws HubException if the file cannot be read, or holds no token
   */
  public static Optional<HubToken> find(Map<String, String> environment, Path userHome) {
    HubEnvironment variables = new HubEnvironment(environment, userHome);
    Optional<HubToken> given = variables.text("HF_TOKEN").flatMap(text -> of("HF_TOKEN", text));
    return given.isPresent() ? given : read(variables.tokenFile());
  }

  private static Optional<HubToken> read(Path file) {
    try {
      return of(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new HubException("the token cannot be read from " + file + ": " + e, e);
    }
  }

  String authorization() {
    return "Bearer " + value;
  }

  /** Hides the token. */
  @Override
  public String toString() {
    return "HubToken[hidden]";
  }
}
