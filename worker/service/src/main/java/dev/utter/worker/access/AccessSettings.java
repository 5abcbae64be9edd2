package dev.utter.worker.access;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsSource;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which objects requests may name; section {@code access}.
 *
 * @param output where clips go by default
 * @param contexts where context recordings may come from; empty for nowhere
 * @param outputs where clips may go; holds {@code output}
 * @param verifications further places of objects that may be verified, beside {@code outputs}; may
 *     be empty
 */
public record AccessSettings(
    ObjectPrefix output,
    List<ObjectPrefix> contexts,
    List<ObjectPrefix> outputs,
    List<ObjectPrefix> verifications) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("access", "Access");

  /** Prefix, in the bucket of {@code output}, that context may come from by default. */
  static final String DEFAULT_CONTEXT_PREFIX = "context";

  private static final SettingType<List<ObjectPrefix>> PLACES =
      SettingType.list("`bucket/prefix`", ObjectPrefix::parse);

  private static final Setting<List<ObjectPrefix>> CONTEXTS =
      GROUP.everyday(
          "contexts",
          PLACES,
          SettingDefault.otherwise("`" + DEFAULT_CONTEXT_PREFIX + "` in `output.bucket`"),
          "where context recordings may come from, see [Access](#access)");

  private static final Setting<List<ObjectPrefix>> OUTPUTS =
      GROUP.everyday(
          "outputs",
          PLACES,
          SettingDefault.otherwise("`output.prefix` in `output.bucket`"),
          "where clips may go that a request's `output` names");

  private static final Setting<List<ObjectPrefix>> VERIFICATIONS =
      GROUP.advanced(
          "verifications",
          PLACES,
          SettingDefault.otherwise("nowhere else"),
          "where objects may lie that are verified, beside the places of `access.outputs`");

  /**
   * Copies the lists, and checks that requests without an output of their own can be served.
   *
   * @throws IllegalArgumentException if {@code outputs} does not hold {@code output}
   */
  public AccessSettings {
    requireNonNull(output, "output is null");
    contexts = List.copyOf(contexts);
    outputs = List.copyOf(outputs);
    verifications = List.copyOf(verifications);
    if (outputs.stream().noneMatch(rule -> rule.hasAll(output))) {
      throw OUTPUTS.refusal(
          outputs, "such that output.prefix in output.bucket is allowed, " + output);
    }
  }

  /**
   * Context from {@code context/} in the bucket of the clips, clips to one place, and only these
   * clips can be verified.
   */
  public static AccessSettings defaults(ObjectPrefix output) {
    return read(SettingsSource.empty(), output);
  }

  /**
   * Reads the settings.
   *
   * @param output where clips go by default
   */
  public static AccessSettings read(SettingsSource source, ObjectPrefix output) {
    return new AccessSettings(
        output,
        source
            .find(CONTEXTS)
            .orElseGet(() -> List.of(new ObjectPrefix(output.bucket(), DEFAULT_CONTEXT_PREFIX))),
        source.find(OUTPUTS).orElseGet(() -> List.of(output)),
        source.find(VERIFICATIONS).orElse(List.of()));
  }

  /** The buckets that clips may go to, that of {@code output} first. */
  public List<String> outputBuckets() {
    return buckets(Stream.concat(Stream.of(output), outputs.stream()));
  }

  /** The buckets that verification reads from. */
  public List<String> verifiedBuckets() {
    return buckets(verified().stream());
  }

  /** Places of objects that may be verified; everything that workers write is among them. */
  public List<ObjectPrefix> verified() {
    return Stream.concat(outputs.stream(), verifications.stream()).toList();
  }

  private static List<String> buckets(Stream<ObjectPrefix> places) {
    return places.map(ObjectPrefix::bucket).distinct().toList();
  }
}
