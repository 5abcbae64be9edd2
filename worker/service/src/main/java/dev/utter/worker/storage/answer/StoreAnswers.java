package dev.utter.worker.storage.answer;

import java.util.Set;

/**
 * The table of store answers: what each answer means, decided here and nowhere else.
 *
 * <p>A fault of the store, the network or the worker's credentials is temporary: requests wait. A
 * fault of a bucket of the worker's settings is a mistake of the operator: requests wait, too, and
 * none is at fault. Everything else is a fact about the object that a request names, and ends that
 * request. An answer in no list is also a fact, because a request that waits forever costs more
 * than one that fails.
 */
public final class StoreAnswers {
  /** What an answer means. */
  public enum Meaning {
    /** The store, the network or the worker's credentials: try later. */
    OUTAGE,
    /** A bucket of the worker's settings: try later, the operator has something to correct. */
    MISCONFIGURED,
    /** To a conditional put: the key is taken. */
    TAKEN,
    /** There is no such object, or no such version. */
    NO_OBJECT,
    /** There is no such bucket. */
    NO_BUCKET,
    /** The worker may not do this with this object. */
    FORBIDDEN,
    /** No object can have this name. */
    BAD_NAME,
    /** The store refuses this object for another reason. */
    REFUSED
  }

  private static final Set<String> OUTAGE_CODES =
      Set.of(
          // The store is busy, or between two states.
          "BandwidthLimitExceeded",
          "InternalError",
          "OperationAborted",
          "RequestLimitExceeded",
          "RequestThrottled",
          "ServiceUnavailable",
          "SlowDown",
          "SlowDownRead",
          "SlowDownWrite",
          "Throttling",
          "ThrottlingException",
          "TooManyRequests",
          "XMinioServerNotInitialized",
          // The request was damaged or delayed in transport.
          "BadDigest",
          "ClientDisconnected",
          "IncompleteBody",
          "RequestExpired",
          "RequestTimeout",
          "XAmzContentSHA256Mismatch",
          // The clocks differ.
          "RequestTimeTooSkewed",
          // The worker's credentials.
          "AccountProblem",
          "ExpiredToken",
          "ExpiredTokenException",
          "InvalidAccessKeyId",
          "InvalidClientTokenId",
          "InvalidSecurity",
          "InvalidToken",
          "NotSignedUp",
          "SignatureDoesNotMatch",
          "TokenRefreshRequired",
          "UnrecognizedClientException");

  private static final Set<String> NO_OBJECT_CODES =
      Set.of("NoSuchKey", "NoSuchObject", "NoSuchVersion", "ResourceNotFound");

  private static final Set<String> BAD_NAME_CODES =
      Set.of(
          "InvalidBucketName",
          "InvalidObjectName",
          "InvalidURI",
          "KeyTooLongError",
          "XMinioInvalidObjectName",
          "XMinioObjectExistsAsDirectory",
          "XMinioParentIsObject");

  /** The wrong region: a mistake in the settings if the bucket is one of the settings. */
  private static final Set<String> OTHER_REGION_CODES =
      Set.of(
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "PermanentRedirect",
          "Redirect",
          "TemporaryRedirect");

  private static final Set<String> FORBIDDEN_CODES =
      Set.of("AccessDenied", "AllAccessDisabled", "AccessForbidden", "Forbidden");

  private StoreAnswers() {}

  /**
   * What an answer means.
   *
   * @param versioned whether a version of the object was asked for
   * @param own whether the bucket is one of the worker's settings
   */
  public static Meaning of(StoreAnswer answer, boolean versioned, boolean own) {
    if (answer.toPut() && isTaken(answer)) {
      return Meaning.TAKEN;
    }
    if (isOutage(answer)) {
      return Meaning.OUTAGE;
    }
    if (answer.code().equals("NoSuchBucket")) {
      return own ? Meaning.MISCONFIGURED : Meaning.NO_BUCKET;
    }
    if (BAD_NAME_CODES.contains(answer.code()) || answer.status() == 414) {
      return Meaning.BAD_NAME;
    }
    if (isRedirect(answer) || OTHER_REGION_CODES.contains(answer.code())) {
      return own ? Meaning.MISCONFIGURED : Meaning.REFUSED;
    }
    return answer.toPut() ? ofPut(answer, own) : ofRead(answer, versioned, own);
  }

  /** Content and metadata of a put are the worker's; a caller chooses nothing but the key. */
  private static Meaning ofPut(StoreAnswer answer, boolean own) {
    if (answer.status() == 501) {
      return Meaning.MISCONFIGURED;
    }
    boolean aboutKey = answer.status() == 400 || answer.status() == 409;
    if (own && (!aboutKey || isEncryption(answer))) {
      return Meaning.MISCONFIGURED;
    }
    return isForbidden(answer) ? Meaning.FORBIDDEN : Meaning.REFUSED;
  }

  private static Meaning ofRead(StoreAnswer answer, boolean versioned, boolean own) {
    if (isForbidden(answer)) {
      return own ? Meaning.MISCONFIGURED : Meaning.FORBIDDEN;
    }
    boolean bare = answer.code().isEmpty();
    // A key whose newest version is a delete marker answers 405 to a version, 404 without one.
    boolean missing =
        NO_OBJECT_CODES.contains(answer.code())
            || answer.code().equals("MethodNotAllowed")
            || bare && (answer.status() == 404 || answer.status() == 410);
    // A store without versions does not have the version asked for, either.
    return missing || versioned && answer.status() == 501 ? Meaning.NO_OBJECT : Meaning.REFUSED;
  }

  /** Some stores answer 409 to the second of two puts at the same time. */
  private static boolean isTaken(StoreAnswer answer) {
    return answer.status() == 412
        || answer.status() == 304
        || answer.code().equals("ConditionalRequestConflict");
  }

  private static boolean isOutage(StoreAnswer answer) {
    if (OUTAGE_CODES.contains(answer.code())) {
      return true;
    }
    return switch (answer.status()) {
      case 401, 407, 408, 425, 429 -> true;
      case 501 -> false;
      default -> answer.status() >= 500;
    };
  }

  private static boolean isRedirect(StoreAnswer answer) {
    return answer.status() < 400 && answer.status() != 304;
  }

  /** Whether access is denied, by code or, without one, by status. */
  public static boolean isForbidden(StoreAnswer answer) {
    return FORBIDDEN_CODES.contains(answer.code())
        || answer.code().isEmpty() && answer.status() == 403;
  }

  private static boolean isEncryption(StoreAnswer answer) {
    return answer.code().startsWith("KMS.") || answer.code().startsWith("XMinioKMS");
  }
}
