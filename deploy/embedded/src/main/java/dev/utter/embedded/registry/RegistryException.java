package dev.utter.embedded.registry;

import java.util.List;

/** A request the registry refuses, with the status and error code Confluent's registry gives. */
final class RegistryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int errorCode;

  private RegistryException(int errorCode, String message) {
    super(message);
    this.errorCode = errorCode;
  }

  int errorCode() {
    return errorCode;
  }

  /** The first three digits of an error code are the status. */
  int status() {
    return errorCode < 1_000 ? errorCode : errorCode / 100;
  }

  static RegistryException noSuchPath(String method, String path) {
    return new RegistryException(404, "HTTP 404 Not Found: " + method + " " + path);
  }

  static RegistryException malformedBody(String reason) {
    return new RegistryException(400, "the body is not the JSON expected here: " + reason);
  }

  static RegistryException subjectNotFound(String subject) {
    return new RegistryException(40401, "Subject '" + subject + "' not found.");
  }

  static RegistryException versionNotFound(String version) {
    return new RegistryException(40402, "Version " + version + " not found.");
  }

  static RegistryException schemaNotFound() {
    return new RegistryException(40403, "Schema not found");
  }

  static RegistryException subjectSoftDeleted(String subject) {
    return new RegistryException(
        40404,
        "Subject '" + subject + "' was soft deleted. Set permanent=true to delete permanently");
  }

  static RegistryException subjectNotSoftDeleted(String subject) {
    return new RegistryException(
        40405, "Subject '" + subject + "' was not deleted first before being permanently deleted");
  }

  static RegistryException versionSoftDeleted(String subject, int version) {
    return new RegistryException(
        40406,
        "Subject '"
            + subject
            + "' Version "
            + version
            + " was soft deleted. Set permanent=true to delete permanently");
  }

  static RegistryException versionNotSoftDeleted(String subject, int version) {
    return new RegistryException(
        40407,
        "Subject '"
            + subject
            + "' Version "
            + version
            + " was not deleted first before being permanently deleted");
  }

  static RegistryException levelNotConfigured(String subject) {
    return new RegistryException(
        40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  static RegistryException modeNotConfigured(String subject) {
    return new RegistryException(
        40409, "Subject '" + subject + "' does not have subject-level mode configured");
  }

  static RegistryException incompatible(String subject, List<String> problems) {
    return new RegistryException(
        409,
        "Schema being registered is incompatible with an earlier schema for subject \""
            + subject
            + "\", details: "
            + problems);
  }

  static RegistryException invalidSchema(String reason) {
    return new RegistryException(42201, "Invalid schema: " + reason);
  }

  static RegistryException invalidVersion(String version) {
    return new RegistryException(
        42202,
        "The specified version '"
            + version
            + "' is not a valid version id. Allowed values are between [1, 2^31-1] and the string"
            + " \"latest\"");
  }

  static RegistryException invalidLevel(String level) {
    return new RegistryException(
        42203,
        "Invalid compatibility level '"
            + level
            + "'. Valid values are "
            + List.of(CompatibilityLevel.values()));
  }

  static RegistryException invalidMode(String mode) {
    return new RegistryException(
        42204, "Invalid mode '" + mode + "'. Valid values are " + List.of(RegistryMode.values()));
  }

  static RegistryException readOnly(String subject) {
    return new RegistryException(42205, "Subject " + subject + " is in read-only mode");
  }
}
