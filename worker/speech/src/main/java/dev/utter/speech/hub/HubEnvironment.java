package dev.utter.speech.hub;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The variables that the hub's programs share, and the folders that follow from them. */
final class HubEnvironment {

  private static final Set<String> YES = Set.of("1", "ON", "YES", "TRUE");

  private final Map<String, String> variables;
  private final Path userHome;

  HubEnvironment(Map<String, String> variables, Path userHome) {
    this.variables = variables;
    this.userHome = userHome;
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(variables.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  boolean flag(String name) {
    return text(name).map(value -> YES.contains(value.toUpperCase(Locale.ROOT))).orElse(false);
  }

  Path cache() {
    return path("HF_HUB_CACHE")
        .or(() -> path("HUGGINGFACE_HUB_CACHE"))
        .orElseGet(() -> home().resolve("hub"));
  }

  Path tokenFile() {
    return path("HF_TOKEN_PATH").orElseGet(() -> home().resolve("token"));
  }

  private Path home() {
    return path("HF_HOME")
        .orElseGet(
            () ->
                path("XDG_CACHE_HOME")
                    .orElseGet(() -> userHome.resolve(".cache"))
                    .resolve("huggingface"));
  }

  /** A variable that no shell has expanded, of a unit file for example, may begin with a tilde. */
  private Optional<Path> path(String name) {
    return text(name)
        .map(
            value ->
                value.startsWith("~/") ? userHome.resolve(value.substring(2)) : Path.of(value));
  }
}
