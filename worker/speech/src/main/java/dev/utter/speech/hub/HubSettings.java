package dev.utter.speech.hub;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.RepositoryId;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where the hub and its cache are.
 *
 * @param endpoint address of the hub; variable {@code HF_ENDPOINT}
 * @param cache folder of the cache; variables {@code HF_HUB_CACHE}, {@code HF_HOME}
 * @param offline whether nothing may be downloaded; variable {@code HF_HUB_OFFLINE}
 */
public record HubSettings(URI endpoint, Path cache, boolean offline) {

  private static final String PUBLIC_HUB = "https://huggingface.co";

  /** Checks the address. */
  public HubSettings {
    requireNonNull(cache, "cache is null");
    String scheme = endpoint.getScheme();
    if (!("https".equals(scheme) || "http".equals(scheme))
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawQuery() != null) {
      throw new HubException(
          "HF_ENDPOINT must be an address such as " + PUBLIC_HUB + ", without user and query");
    }
  }

  /**
   * The settings that the hub's programs would use.
   *
   * @param environment variables of the process
   * @param userHome the user's home folder
   * @throws HubException if the address is invalid
   */
  public static HubSettings of(Map<String, String> environment, Path userHome) {
    HubEnvironment variables = new HubEnvironment(environment, userHome);
    return new HubSettings(
        endpoint(variables.text("HF_ENDPOINT").orElse(PUBLIC_HUB)),
        variables.cache(),
        variables.flag("HF_HUB_OFFLINE") || variables.flag("TRANSFORMERS_OFFLINE"));
  }

  /** The settings of this process. */
  public static HubSettings ofProcess() {
    return of(System.getenv(), userHome());
  }

  /** Home folder of the user that runs this process. */
  public static Path userHome() {
    return Path.of(System.getProperty("user.home"));
  }

  private static URI endpoint(String text) {
    try {
      return URI.create(text.replaceAll("/+$", ""));
    } catch (IllegalArgumentException e) {
      // The cause would repeat the text, which may hold a password.
      throw new HubException("HF_ENDPOINT is no address");
    }
  }

  /** The page of a model, where its terms can be accepted. */
  public URI page(RepositoryId id) {
    return URI.create(endpoint + "/" + id);
  }

  URI api(RepositoryId id, String rest) {
    return URI.create(endpoint + "/api/models/" + id + "/" + rest);
  }

  URI resolve(RepositoryId id, String commit, String encodedPath) {
    return URI.create(endpoint + "/" + id + "/resolve/" + commit + "/" + encodedPath);
  }
}
