package dev.utter.worker.settings.source;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Recognises settings that hold secrets by their names: Utter's, Kafka's and Confluent's. */
public final class SecretNames {
  private static final Pattern SECRET =
      Pattern.compile(
          "password|passwd|secret|token|credential|authorization|jaas\\.config|user\\.info"
              + "|keystore\\.key|private\\.?key|api\\.?key|^request\\.header\\.");

  /** Endings of names that refer to a secret without holding one. */
  private static final List<String> ABOUT_SECRETS =
      List.of(
          ".url",
          ".location",
          "file",
          ".class",
          ".type",
          ".source",
          ".ms",
          ".seconds",
          ".name",
          ".id");

  private SecretNames() {}

  public static boolean isSecret(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return SECRET.matcher(lower).find() && ABOUT_SECRETS.stream().noneMatch(lower::endsWith);
  }
}
