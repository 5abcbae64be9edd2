package dev.utter.worker.access;

import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.ObjectNames;
import java.util.List;
import java.util.Optional;

/**
 * Checks the objects that a request names against the settings, before any call to the store, so
 * that a refusal reveals nothing about what is stored. Keys that a proxy, a client or another store
 * could interpret as another key, such as {@code context/../clips/a.wav}, are refused, not
 * resolved.
 */
public final class AccessRules {
  private final AccessSettings settings;

  /** Rules by these settings. */
  public AccessRules(AccessSettings settings) {
    this.settings = requireNonNull(settings, "settings is null");
  }

  /**
   * Checks one context recording.
   *
   * @param field path of the field, for example {@code context[0].audio}
   * @throws RequestFailedException naming the field, its value and the rule
   */
  public void checkContext(String field, ObjectReference audio) {
    check(field, audio, settings.contexts(), "access.contexts");
  }

  /**
   * Checks one object that is to be verified.
   *
   * @param field path of the field, for example {@code audio}
   * @throws RequestFailedException naming the field, its value and the rule
   */
  public void checkVerification(String field, ObjectReference audio) {
    check(field, audio, settings.verified(), "access.outputs or access.verifications");
  }

  private static void check(
      String field, ObjectReference audio, List<ObjectPrefix> allowed, String setting) {
    String bucket = audio.getBucket();
    String key = audio.getKey();
    refuse(field + ".bucket", bucket, ObjectNames.bucketDefect(bucket));
    refuse(field + ".key", key, ObjectNames.keyDefect(key));
    if (audio.getVersionId() != null) {
      refuse(
          field + ".versionId",
          audio.getVersionId(),
          ObjectNames.versionDefect(audio.getVersionId()));
    }
    List<ObjectPrefix> rules = ofBucket(allowed, bucket);
    if (rules.isEmpty()) {
      throw invalid(field + ".bucket", bucket, "is not a bucket that " + setting + " allows");
    }
    if (rules.stream().noneMatch(rule -> rule.hasObject(bucket, key))) {
      throw invalid(
          field + ".key", key, "is below no prefix that " + setting + " allows in this bucket");
    }
  }

  /**
   * Where the clip of a request goes.
   *
   * @throws RequestFailedException naming the field, its value and the rule
   */
  public ObjectPrefix output(OutputLocation output) {
    String bucket = output.getBucket() == null ? settings.output().bucket() : output.getBucket();
    String prefix = output.getPrefix() == null ? settings.output().prefix() : output.getPrefix();
    List<ObjectPrefix> rules = ofBucket(settings.outputs(), bucket);
    if (rules.isEmpty()) {
      throw invalid("output.bucket", bucket, "is not a bucket that access.outputs allows");
    }
    refuse("output.prefix", prefix, ObjectNames.prefixDefect(prefix));
    ObjectPrefix place = new ObjectPrefix(bucket, prefix);
    if (rules.stream().noneMatch(rule -> rule.hasAll(place))) {
      throw invalid(
          "output.prefix",
          prefix,
          "is below no prefix that access.outputs allows in bucket " + bucket);
    }
    return place;
  }

  private static List<ObjectPrefix> ofBucket(List<ObjectPrefix> rules, String bucket) {
    return rules.stream().filter(rule -> rule.bucket().equals(bucket)).toList();
  }

  private static void refuse(String field, String value, Optional<String> defect) {
    if (defect.isPresent()) {
      throw invalid(field, value, defect.get());
    }
  }

  private static RequestFailedException invalid(String field, String value, String rule) {
    return new RequestFailedException(
        FailureCode.INVALID_REQUEST, field, field + " is " + Excerpt.of(value) + ": " + rule);
  }
}
