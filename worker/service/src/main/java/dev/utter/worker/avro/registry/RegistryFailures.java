package dev.utter.worker.avro.registry;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Classifies the exceptions of the registry client. Its error codes are those of the Schema
 * Registry's REST interface.
 */
public final class RegistryFailures {
  private static final int SUBJECT_NOT_FOUND = 40401;
  private static final int VERSION_NOT_FOUND = 40402;
  private static final int SCHEMA_NOT_FOUND = 40403;

  /** The subject or the registry is in the mode READONLY. */
  public static final int READ_ONLY = 42205;

  private static final Set<Integer> NOT_FOUND =
      Set.of(SUBJECT_NOT_FOUND, VERSION_NOT_FOUND, SCHEMA_NOT_FOUND);

  /** Too early, too often, not (yet) allowed: a later try may be answered. */
  private static final Set<Integer> PASSING_STATUS = Set.of(401, 403, 407, 408, 425, 429);

  private RegistryFailures() {}

  /** Whether the registry answered that it knows no such schema. */
  public static boolean isUnknownSchema(Throwable failure) {
    return chain(failure)
        .anyMatch(e -> e instanceof RestClientException r && NOT_FOUND.contains(r.getErrorCode()));
  }

  /** Whether the registry, or a proxy before it, answered 404. */
  public static boolean isNotFound(Throwable failure) {
    return chain(failure).anyMatch(e -> e instanceof RestClientException r && r.getStatus() == 404);
  }

  /**
   * Whether the registry's answer stays the same until its content or its access rights change.
   * False for missing credentials and for a path that it does not serve.
   */
  public static boolean isRefusal(Throwable failure) {
    return chain(failure)
        .anyMatch(
            e ->
                e instanceof RestClientException r
                    && r.getStatus() / 100 == 4
                    && (r.getStatus() == 403 || !PASSING_STATUS.contains(r.getStatus()))
                    && r.getStatus() != 404);
  }

  /** Whether the registry answered with something that is no Avro schema. */
  public static boolean isUnusableSchema(Throwable failure) {
    return chain(failure)
        .anyMatch(
            e ->
                e instanceof ClassCastException
                    || e instanceof Error
                    || e instanceof AvroRuntimeException
                    || isOtherKind(e)
                    || (e.getClass() == IOException.class
                        && String.valueOf(e.getMessage()).startsWith("Invalid schema")));
  }

  /** Whether the client says that the schema is of another kind: JSON or Protobuf. */
  private static boolean isOtherKind(Throwable e) {
    return e instanceof IllegalStateException
        && String.valueOf(e.getMessage()).startsWith("Invalid schema type");
  }

  /** The rule that the writer's schema breaks; empty if the failure has another cause. */
  public static Optional<String> brokenRule(Throwable failure) {
    return chain(failure)
        .filter(RefusedSchemaException.class::isInstance)
        .map(Throwable::getMessage)
        .findFirst();
  }

  /** Whether the same call may succeed later. */
  public static boolean isTemporary(Throwable failure) {
    return chain(failure).anyMatch(RegistryFailures::isTemporaryItself);
  }

  private static boolean isTemporaryItself(Throwable e) {
    if (e instanceof RestClientException r) {
      return r.getStatus() >= 500 || PASSING_STATUS.contains(r.getStatus());
    }
    // Not every IOException: the Avro decoder reports broken data by some, too.
    if (e instanceof SocketException
        || e instanceof InterruptedIOException
        || e instanceof UnknownHostException
        || e instanceof SSLException) {
      return true;
    }
    return e instanceof TimeoutException
        || e instanceof AuthenticationException
        || e instanceof AuthorizationException
        || e instanceof DisconnectException
        || e instanceof InterruptException
        || e instanceof ThrottlingQuotaExceededException;
  }

  /** Whether an {@link IOException} is in the chain of causes. */
  static boolean isInputOutput(Throwable failure) {
    return chain(failure).anyMatch(e -> e instanceof IOException);
  }

  /** The innermost message, without what the layers above it added. */
  public static String say(Throwable failure) {
    Throwable root = chain(failure).reduce((outer, inner) -> inner).orElse(failure);
    return root.getMessage() == null
        ? root.getClass().getSimpleName()
        : root.getClass().getSimpleName() + ": " + root.getMessage();
  }

  private static Stream<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, e -> e != null, Throwable::getCause).limit(20);
  }
}
