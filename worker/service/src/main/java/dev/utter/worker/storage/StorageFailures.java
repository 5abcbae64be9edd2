package dev.utter.worker.storage;

import io.minio.errors.ErrorResponseException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** Sorts what the SDK throws into facts about an object and passing states of the store. */
final class StorageFailures {
  private static final Set<String> MISSING_OBJECT =
      Set.of("NoSuchKey", "NoSuchVersion", "NoSuchObject", "ResourceNotFound", "MethodNotAllowed");

  private static final Set<String> INVALID_NAME =
      Set.of(
          "BadRequest",
          "InvalidRequest",
          "InvalidArgument",
          "InvalidBucketName",
          "InvalidURI",
          "KeyTooLongError",
          "XMinioInvalidObjectName");

  private StorageFailures() {}

  /** The store's answer, where the failure is one. */
  static Optional<ErrorResponseException> answer(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ErrorResponseException answer) {
        return Optional.of(answer);
      }
    }
    return Optional.empty();
  }

  static String code(ErrorResponseException answer) {
    return String.valueOf(answer.errorResponse().code());
  }

  /** The failure of a call that concerns one object. */
  static RuntimeException ofObject(ObjectLocation location, Exception failure) {
    Optional<ErrorResponseException> answer = answer(failure);
    if (answer.isPresent()) {
      String code = code(answer.get());
      if (code.equals("NoSuchBucket")) {
        return new BucketNotFoundException(location, failure);
      }
      if (MISSING_OBJECT.contains(code) || versionsUnsupported(location, answer.get())) {
        return new ObjectNotFoundException(location, failure);
      }
      if (code.equals("AccessDenied")) {
        return new ObjectForbiddenException(location, failure);
      }
      if (INVALID_NAME.contains(code)) {
        return new InvalidObjectNameException(
            location, answer.get().errorResponse().message(), failure);
      }
      return unavailable(location.toString(), failure);
    }
    if (causedByNetwork(failure)) {
      return unavailable(location.toString(), failure);
    }
    return failure instanceof RuntimeException && causedByArgument(failure)
        ? new InvalidObjectNameException(location, argumentMessage(failure), failure)
        : unavailable(location.toString(), failure);
  }

  /** A failure that is not the object's. */
  static StorageUnavailableException unavailable(String what, Exception failure) {
    String reason =
        answer(failure)
            .map(
                answer ->
                    "the store answers %d %s".formatted(answer.response().code(), code(answer)))
            .orElseGet(() -> rootMessage(failure));
    return new StorageUnavailableException(what + ": " + reason, failure);
  }

  /** A store without versions does not have the version asked for, either. */
  private static boolean versionsUnsupported(
      ObjectLocation location, ErrorResponseException answer) {
    return location.versionId().isPresent() && answer.response().code() == 501;
  }

  private static boolean causedByNetwork(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  private static boolean causedByArgument(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof IllegalArgumentException) {
        return true;
      }
    }
    return false;
  }

  private static String argumentMessage(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof IllegalArgumentException)) {
      cause = cause.getCause();
    }
    return cause.getMessage();
  }

  /** The SDK wraps what happened in exceptions that add nothing. */
  private static String rootMessage(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }
}
