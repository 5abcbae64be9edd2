package dev.utter.worker.storage.failure;

import dev.utter.worker.failure.FailureText;
import dev.utter.worker.storage.answer.StoreAnswer;
import dev.utter.worker.storage.answer.StoreAnswerException;
import dev.utter.worker.storage.answer.StoreAnswers;
import dev.utter.worker.storage.object.ObjectLocation;
import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/** Turns what the SDK throws into the failures of this package, by {@link StoreAnswers}. */
public final class StorageFailures {
  private StorageFailures() {}

  /** The store's answer, where the failure is one. */
  public static Optional<StoreAnswer> answer(Throwable failure) {
    return first(failure, StoreAnswerException.class).map(StoreAnswerException::answer);
  }

  /** The meaning of the store's answer, where the failure is one. */
  public static Optional<StoreAnswers.Meaning> meaning(
      ObjectLocation location, Throwable failure, boolean own) {
    return answer(failure)
        .map(answer -> StoreAnswers.of(answer, location.versionId().isPresent(), own));
  }

  /**
   * The failure of a call that concerns one object.
   *
   * @param own whether the bucket is one of the worker's settings
   */
  public static RuntimeException ofObject(ObjectLocation location, Exception failure, boolean own) {
    Optional<StoreAnswer> answer = answer(failure);
    if (answer.isPresent()) {
      return answered(location, answer.get(), failure, own);
    }
    Optional<IllegalArgumentException> argument = first(failure, IllegalArgumentException.class);
    boolean sent = first(failure, IOException.class).isPresent();
    return argument.isPresent() && !sent
        ? new InvalidObjectNameException(location, FailureText.of(argument.get()), failure)
        : unavailable(location.toString(), failure);
  }

  /** A failure that is not about one object. */
  public static StorageUnavailableException unavailable(String what, Exception failure) {
    return new StorageUnavailableException(what + ": " + reason(failure), failure);
  }

  /** What the store answers, or why it does not. */
  static String reason(Throwable failure) {
    return answer(failure)
        .map(answer -> "the store answers " + answer.describe())
        .orElseGet(() -> rootMessage(failure));
  }

  private static RuntimeException answered(
      ObjectLocation location, StoreAnswer answer, Exception failure, boolean own) {
    return switch (StoreAnswers.of(answer, location.versionId().isPresent(), own)) {
      case OUTAGE, TAKEN -> unavailable(location.toString(), failure);
      case MISCONFIGURED ->
          new StorageMisconfiguredException(
              location + ": the store answers " + answer.describe() + "; " + remedy(answer),
              failure);
      case NO_OBJECT -> new ObjectNotFoundException(location, failure);
      case NO_BUCKET -> new BucketNotFoundException(location, failure);
      case FORBIDDEN -> new ObjectForbiddenException(location, answer, failure);
      case BAD_NAME -> new InvalidObjectNameException(location, answer.describe(), failure);
      case REFUSED -> new ObjectRefusedException(location, answer, failure);
    };
  }

  /** What the operator can do about an answer that is about a bucket of the settings. */
  static String remedy(StoreAnswer answer) {
    if (answer.code().equals("NoSuchBucket")) {
      return "create the bucket or correct the settings";
    }
    if (answer.status() == 501 && answer.toPut()) {
      return "the store must support If-None-Match: * with puts";
    }
    if (answer.status() == 403) {
      return "the worker's account needs s3:GetObject, s3:PutObject and s3:ListBucket there";
    }
    return "correct the bucket's configuration, or storage.region and storage.endpoint";
  }

  /** The SDK wraps what happened in exceptions that add nothing. */
  private static String rootMessage(Throwable failure) {
    Throwable root = chain(failure).reduce((outer, inner) -> inner).orElse(failure);
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  private static <T extends Throwable> Optional<T> first(Throwable failure, Class<T> type) {
    return chain(failure).filter(type::isInstance).map(type::cast).findFirst();
  }

  private static Stream<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).limit(20);
  }
}
