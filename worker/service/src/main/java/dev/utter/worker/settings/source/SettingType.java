package dev.utter.worker.settings.source;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The type of a setting: how its values are read and written, and their rule.
 *
 * @param <T> type of the values
 */
public final class SettingType<T> {
  private static final long MIB = 1L << 20;
  private static final String NOT = "not ";

  private final String label;
  private final String rule;
  private final Predicate<? super T> keepsRule;
  private final Function<SettingValue, Optional<T>> reader;
  private final Function<? super T, String> writer;

  private SettingType(
      String label,
      String rule,
      Predicate<? super T> keepsRule,
      Function<SettingValue, Optional<T>> reader,
      Function<? super T, String> writer) {
    this.label = label;
    this.rule = rule;
    this.keepsRule = keepsRule;
    this.reader = reader;
    this.writer = writer;
  }

  private static <T> SettingType<T> of(
      String label,
      Function<SettingValue, Optional<T>> reader,
      Function<? super T, String> writer) {
    return new SettingType<>(label, "", value -> true, reader, writer);
  }

  /**
   * A single value.
   *
   * @param label what it is, for the page
   * @param expected what it must be, for errors
   * @param parser throws an {@link IllegalArgumentException} for invalid text
   */
  public static <T> SettingType<T> single(
      String label,
      String expected,
      Function<String, T> parser,
      Function<? super T, String> writer) {
    return of(label, value -> value.parsed(expected, parser), writer);
  }

  /** Any text. */
  public static SettingType<String> text() {
    return of("text", SettingValue::text, text -> "\"" + text + "\"");
  }

  /** Text that is not blank. */
  public static SettingType<String> textNotBlank() {
    return text().must("not blank", text -> !text.isBlank());
  }

  public static SettingType<Path> path() {
    return single("path", "a path", Path::of, Path::toString);
  }

  public static SettingType<Boolean> flag() {
    return single(
        "`true` or `false`",
        "true or false",
        text -> {
          if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
          }
          throw new IllegalArgumentException("neither true nor false");
        },
        String::valueOf);
  }

  public static <E extends Enum<E>> SettingType<E> choice(Class<E> type) {
    String names =
        Arrays.stream(type.getEnumConstants())
            .map(each -> "`" + each.name() + "`")
            .collect(Collectors.joining(", "));
    return single(
        "one of " + names,
        "one of " + List.of(type.getEnumConstants()),
        text -> constant(type, text),
        Enum::name);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String text) {
    return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
  }

  /** A whole number. */
  public static SettingType<Integer> integer() {
    return single("whole number", "a whole number", Integer::valueOf, String::valueOf);
  }

  /** A whole number from {@code min}. */
  public static SettingType<Integer> integer(int min) {
    return integer().must(min + " or more", value -> value >= min);
  }

  /** A whole number from {@code min} to {@code max}. */
  public static SettingType<Integer> integer(int min, int max) {
    return integer().must(min + " to " + max, value -> value >= min && value <= max);
  }

  /** A number of bytes. */
  public static SettingType<Long> bytes() {
    return single("bytes", "a whole number of bytes", Long::valueOf, String::valueOf);
  }

  /** A number of bytes from {@code min}. */
  public static SettingType<Long> bytes(long min) {
    return bytes().must(min + " or more", value -> value >= min);
  }

  /** A number of bytes from {@code min} to {@code max}. */
  public static SettingType<Long> bytes(long min, long max) {
    return bytes().must(min + " to " + max, value -> value >= min && value <= max);
  }

  public static SettingType<Double> decimal() {
    return single("number", "a number", Double::valueOf, String::valueOf);
  }

  /** Any duration, also a negative one. */
  public static SettingType<Duration> duration() {
    return single(
        "duration",
        "a duration such as 250ms, 30s, 5m, 2h, 7d or PT30S",
        text ->
            Durations.parse(text).orElseThrow(() -> new IllegalArgumentException("no duration")),
        Durations::text);
  }

  /** A duration above zero. */
  public static SettingType<Duration> positiveDuration() {
    return duration().must("above 0s", value -> !value.isNegative() && !value.isZero());
  }

  /** A duration from {@code min} to {@code max}. */
  public static SettingType<Duration> duration(Duration min, Duration max) {
    return duration()
        .must(
            Durations.text(min) + " to " + Durations.text(max),
            value -> value.compareTo(min) >= 0 && value.compareTo(max) <= 0);
  }

  /**
   * A URL. Errors repeat neither an invalid value nor a user, because either may contain a
   * password.
   */
  public static SettingType<URI> url() {
    return of(
        "URL",
        value ->
            value
                .text()
                .map(
                    text -> {
                      try {
                        return URI.create(text);
                      } catch (IllegalArgumentException e) {
                        throw new SettingsException(value.name() + " is no URL");
                      }
                    }),
        url -> url.getRawUserInfo() == null ? url.toString() : "a URL with a user");
  }

  /**
   * A list.
   *
   * @param items what its items are
   * @param parser of one item; throws an {@link IllegalArgumentException} that names item and rule
   */
  public static <T> SettingType<List<T>> list(String items, Function<String, T> parser) {
    return of("list of " + items, value -> value.list(parser), String::valueOf);
  }

  /** A list of constants. */
  public static <E extends Enum<E>> SettingType<List<E>> choices(Class<E> type) {
    List<E> all = List.of(type.getEnumConstants());
    return list(
        all.stream().map(each -> "`" + each + "`").collect(Collectors.joining(", ")),
        text -> {
          try {
            return constant(type, text);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\", must be of " + all, e);
          }
        });
  }

  /**
   * Names and values to pass through to a client. A value whose name looks secret must be a
   * reference in the file.
   */
  public static SettingType<Map<String, String>> properties() {
    return of("map", value -> Optional.of(value.properties()), map -> map.keySet().toString());
  }

  /** A secret: a reference in the file, or the value itself in the environment. */
  public static SettingType<Secret> secret() {
    return of("secret", SettingValue::secret, Secret::toString);
  }

  /** Text that may also stand in a file, or in a variable with another name. */
  public static SettingType<Secret> textOrReference() {
    return of("text or secret", SettingValue::textOrReference, Secret::toString);
  }

  /** A list of secrets. */
  public static SettingType<List<Secret>> secrets() {
    return of("list of secrets", SettingValue::secrets, String::valueOf);
  }

  /**
   * A list of secrets with names.
   *
   * @param nameKey what the name is called in the maps of the file
   * @param secretKey what the secret is called in the maps of the file
   */
  public static SettingType<List<Secret.Named>> namedSecrets(String nameKey, String secretKey) {
    return of(
        "list of maps with `" + nameKey + "` and `" + secretKey + "`",
        value -> value.namedSecrets(nameKey, secretKey),
        String::valueOf);
  }

  /** Sections with names that the operator chooses. */
  public static SettingType<Map<String, SettingsSource>> sections() {
    return of(
        "map of sections", value -> Optional.of(value.sections()), map -> map.keySet().toString());
  }

  /**
   * This type, held to a rule.
   *
   * @param text the rule, as in "must be 1 to 20"; one that begins with "not" is "must not be"
   */
  public SettingType<T> must(String text, Predicate<? super T> predicate) {
    if (!rule.isEmpty()) {
      throw new IllegalStateException("there is a rule already: " + rule);
    }
    return new SettingType<>(label, text, predicate, reader, writer);
  }

  /** Type, unit and rule, for the page. */
  String label() {
    return rule.isEmpty() ? label : label + ", " + rule;
  }

  /** A value, for the page. */
  String text(T value) {
    String text = "`" + (value instanceof String plain ? plain : writer.apply(value)) + "`";
    return value instanceof Long bytes && bytes >= MIB && bytes % MIB == 0
        ? text + " (" + bytes / MIB + " MiB)"
        : text;
  }

  Optional<T> read(SettingValue value) {
    return reader.apply(value);
  }

  void check(String name, T value) {
    if (value == null || !keepsRule.test(value)) {
      throw refusal(name, value, rule);
    }
  }

  SettingsException refusal(String name, T value, String broken) {
    return new SettingsException(
        name
            + " is "
            + (value == null ? null : writer.apply(value))
            + (broken.startsWith(NOT) ? ", must not be " : ", must be ")
            + (broken.startsWith(NOT) ? broken.substring(NOT.length()) : broken));
  }
}
