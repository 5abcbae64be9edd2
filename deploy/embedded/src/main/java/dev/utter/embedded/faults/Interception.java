package dev.utter.embedded.faults;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * What the proxy does with some requests instead of passing them on. It applies until it is
 * {@linkplain FaultyHttp#remove removed}. Requests and answers that it holds back go on when it is
 * {@linkplain #release released}.
 */
public final class Interception {
  enum Action {
    DELAY,
    CUT_BEFORE,
    CUT_AFTER,
    ANSWER,
    HOLD_REQUEST,
    HOLD_ANSWER
  }

  private final Action action;
  private final Predicate<Exchange> wanted;
  private final Duration delay;
  private final int status;
  private final String contentType;
  private final String body;
  private final CompletableFuture<Exchange> met = new CompletableFuture<>();
  private final CompletableFuture<Void> released = new CompletableFuture<>();

  private Interception(
      Action action,
      Predicate<Exchange> wanted,
      Duration delay,
      int status,
      String contentType,
      String body) {
    this.action = action;
    this.wanted = wanted;
    this.delay = delay;
    this.status = status;
    this.contentType = contentType;
    this.body = body;
  }

  /** Passes requests on after a delay. */
  public static Interception delay(Predicate<Exchange> wanted, Duration delay) {
    return new Interception(Action.DELAY, wanted, delay, 0, "", "");
  }

  /** Closes the connection before the request is passed on. */
  public static Interception cutBefore(Predicate<Exchange> wanted) {
    return new Interception(Action.CUT_BEFORE, wanted, Duration.ZERO, 0, "", "");
  }

  /** Passes the request on and closes the connection instead of answering. */
  public static Interception cutAfter(Predicate<Exchange> wanted) {
    return new Interception(Action.CUT_AFTER, wanted, Duration.ZERO, 0, "", "");
  }

  /** Answers with an error of S3. */
  public static Interception refuse(Predicate<Exchange> wanted, int status, String code) {
    return answer(
        wanted,
        status,
        "application/xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>refused</Message></Error>"
            .formatted(code));
  }

  /** Answers in place of the server; the body is ASCII. */
  public static Interception answer(
      Predicate<Exchange> wanted, int status, String contentType, String body) {
    return new Interception(Action.ANSWER, wanted, Duration.ZERO, status, contentType, body);
  }

  /**
   * Holds requests back before the server sees them. They arrive late, even if the client has given
   * up.
   */
  public static Interception holdRequest(Predicate<Exchange> wanted) {
    return new Interception(Action.HOLD_REQUEST, wanted, Duration.ZERO, 0, "", "");
  }

  /** Passes requests on and holds the answers back. */
  public static Interception holdAnswer(Predicate<Exchange> wanted) {
    return new Interception(Action.HOLD_ANSWER, wanted, Duration.ZERO, 0, "", "");
  }

  /**
   * Completes with the first request that was intercepted, when the action has been carried out.
   */
  public CompletableFuture<Exchange> met() {
    return met;
  }

  /** Passes on the requests and answers that are held back. */
  public void release() {
    released.complete(null);
  }

  boolean wants(Exchange exchange) {
    return wanted.test(exchange);
  }

  Action action() {
    return action;
  }

  Duration delay() {
    return delay;
  }

  void metBy(Exchange exchange) {
    met.complete(exchange);
  }

  void awaitRelease() {
    released.join();
  }

  /** The whole answer in place of the server's; a HEAD has no body. */
  Optional<byte[]> answer(Exchange exchange) {
    if (action != Action.ANSWER) {
      return Optional.empty();
    }
    String sent = exchange.method().equals("HEAD") ? "" : body;
    String answer =
        "HTTP/1.1 %d Intercepted\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(status, contentType, sent.length(), sent);
    return Optional.of(answer.getBytes(StandardCharsets.UTF_8));
  }
}
