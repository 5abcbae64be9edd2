package dev.utter.worker.storage.answer;

import dev.utter.worker.rules.Excerpt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Turns every answer but a success into a {@link StoreAnswerException}. Stores and the proxies
 * before them answer as application/xml, as text/xml, as HTML and without a body; the status is
 * there in all cases, the code where there is one.
 */
public final class AnswerReader implements Interceptor {
  /** S3 errors have a few hundred bytes. */
  private static final int MAX_BODY_BYTES = 16_384;

  private static final Pattern CODE = Pattern.compile("<Code>\\s*([A-Za-z0-9._-]{1,100})\\s*<");
  private static final Pattern BARE_CODE = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern MESSAGE = Pattern.compile("<Message>([^<]{1,500})<");

  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    if (response.isSuccessful()) {
      return response;
    }
    try (response) {
      throw new StoreAnswerException(answer(response));
    }
  }

  private static StoreAnswer answer(Response response) {
    String body = body(response);
    Date date = response.headers().getDate("Date");
    return new StoreAnswer(
        response.request().method(),
        response.code(),
        first(CODE, body).or(() -> codeOfHead(response)).orElse(""),
        first(MESSAGE, body).map(Excerpt::of).orElse(""),
        Optional.ofNullable(date).map(Date::toInstant),
        Instant.ofEpochMilli(response.receivedResponseAtMillis()));
  }

  /** MinIO gives the code of an answer to HEAD, which has no body, in a header. */
  private static Optional<String> codeOfHead(Response response) {
    return Optional.ofNullable(response.header("x-minio-error-code"))
        .filter(code -> BARE_CODE.matcher(code).matches());
  }

  /** A body that breaks off must not hide the status. */
  private static String body(Response response) {
    try {
      return new String(
          response.body().byteStream().readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static Optional<String> first(Pattern pattern, String body) {
    Matcher matcher = pattern.matcher(body);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
