package dev.utter.worker.access;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.stream.Stream;

/**
 * Which objects requests may name; section {@code access}.
 *
 * @param output where the clips of requests go that name no place
 * @param contexts where context recordings may come from; empty for nowhere
 * @param outputs where clips may go; holds {@code output}
 * @param verifications where objects may lie that are verified, beside those in {@code outputs};
 *     empty for nowhere else
 */
public record AccessSettings(
    ObjectPrefix output,
    List<ObjectPrefix> contexts,
    List<ObjectPrefix> outputs,
    List<ObjectPrefix> verifications) {

  /** Prefix, in the bucket of {@code output}, that context may come from by default. */
  public static final String DEFAULT_CONTEXT_PREFIX = "context";

  /**
   * Copies, and checks that requests which name no place can be served.
   *
   * @throws IllegalArgumentException if {@code outputs} does not hold {@code output}
   */
  public AccessSettings {
    requireNonNull(output, "output is null");
    contexts = List.copyOf(contexts);
    outputs = List.copyOf(outputs);
    verifications = List.copyOf(verifications);
    if (outputs.stream().noneMatch(rule -> rule.hasAll(output))) {
      throw new IllegalArgumentException(
          "access.outputs is "
              + outputs
              + ", must allow the place of output.bucket and output.prefix, "
              + output);
    }
  }

  /**
   * Context from {@code context/} in the bucket of the clips, clips to one place only, and none but
   * these verified.
   */
  public static AccessSettings defaults(ObjectPrefix output) {
    return new AccessSettings(
        output,
        List.of(new ObjectPrefix(output.bucket(), DEFAULT_CONTEXT_PREFIX)),
        List.of(output),
        List.of());
  }

  /** The buckets that clips may go to, that of {@code output} first. */
  public List<String> outputBuckets() {
    return buckets(Stream.concat(Stream.of(output), outputs.stream()));
  }

  /** The buckets that verification reads from. */
  public List<String> verifiedBuckets() {
    return buckets(verified().stream());
  }

  /** Where objects may lie that are verified: whatever workers write can be. */
  public List<ObjectPrefix> verified() {
    return Stream.concat(outputs.stream(), verifications.stream()).toList();
  }

  private static List<String> buckets(Stream<ObjectPrefix> places) {
    return places.map(ObjectPrefix::bucket).distinct().toList();
  }
}
