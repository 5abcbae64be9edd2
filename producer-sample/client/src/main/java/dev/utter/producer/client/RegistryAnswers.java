package dev.utter.producer.client;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.apache.kafka.common.errors.RetriableException;

/** Decides from a failed read of an event what the schema registry answered. */
final class RegistryAnswers {
  private RegistryAnswers() {}

  /** Whether the registry is unreachable or failing, so that the event may be readable later. */
  static boolean isAway(Throwable failure) {
    return chain(failure)
        .anyMatch(
            e ->
                // Not every IOException: Avro also reports broken data as an IOException.
                e instanceof SocketException
                    || e instanceof InterruptedIOException
                    || e instanceof UnknownHostException
                    || e instanceof SSLException
                    || e instanceof RetriableException
                    || (e instanceof RestClientException r && r.getStatus() >= 500));
  }

  /** Whether the registry answered that it does not have the schema, or refused to give it. */
  static boolean isRefusal(Throwable failure) {
    return chain(failure).anyMatch(RestClientException.class::isInstance);
  }

  private static Stream<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, e -> e != null, Throwable::getCause).limit(20);
  }
}
