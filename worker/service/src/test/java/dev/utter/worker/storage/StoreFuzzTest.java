package dev.utter.worker.storage;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.worker.storage.answer.AnswerReader;
import dev.utter.worker.storage.answer.StoreAnswerException;
import dev.utter.worker.storage.failure.ObjectTooLargeException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import okhttp3.Headers;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;

/** What a store, or something before it, answers. */
class StoreFuzzTest {
  private static final ObjectLocation LOCATION = ObjectLocation.newest("bucket", "key");
  private static final ObjectLocation VERSION =
      new ObjectLocation("bucket", "key", Optional.of("version"));
  private static final int LIMIT = 1000;
  private static final RawServer SERVER = new RawServer();
  private static final ObjectStore STORE =
      ObjectStore.of(
          StorageFixture.settings(SERVER.url(), new StorageCredentials("key", "secret-key")),
          OwnBuckets.written(Set.of("bucket")));

  @FuzzTest
  void anErrorIsAnAnswerOfTheStore(FuzzedDataProvider data) throws IOException {
    Response response = response(data);
    try {
      new AnswerReader().intercept(chain(response));
      if (!response.isSuccessful()) {
        throw new AssertionError("passed: " + response);
      }
    } catch (StoreAnswerException e) {
      if (e.getMessage().length() > LIMIT) {
        throw new AssertionError("a message of " + e.getMessage().length() + " characters", e);
      }
    }
  }

  @FuzzTest
  void aBodyIsReadUpToTheLimit(FuzzedDataProvider data) {
    String announced = data.consumeBoolean() ? null : data.consumeString(30);
    byte[] body = data.consumeRemainingAsBytes();
    try {
      byte[] read = BoundedRead.all(LOCATION, new ByteArrayInputStream(body), announced, LIMIT);
      if (read.length > LIMIT) {
        throw new AssertionError(read.length + " bytes");
      }
    } catch (ObjectTooLargeException | IOException e) {
      // The other valid results.
    }
  }

  /** The bytes are the whole answer, from the status line on, to whatever is asked. */
  @FuzzTest
  void anAnswerIsAnObjectOrAFactOrAnOutage(byte[] answer) {
    SERVER.answer(answer);
    end(
        () -> {
          byte[] read = STORE.read(LOCATION, LIMIT).bytes();
          if (read.length > LIMIT) {
            throw new AssertionError(read.length + " bytes");
          }
        });
    end(() -> STORE.find(VERSION));
  }

  private static void end(Runnable call) {
    try {
      call.run();
    } catch (UnusableObjectException | StorageUnavailableException e) {
      if (e.getMessage().length() > LIMIT) {
        throw new AssertionError("a message of " + e.getMessage().length() + " characters", e);
      }
    }
  }

  private static Response response(FuzzedDataProvider data) {
    Headers.Builder headers = new Headers.Builder();
    headers.addUnsafeNonAscii("Date", data.consumeString(40));
    headers.addUnsafeNonAscii("x-minio-error-code", data.consumeString(40));
    return new Response.Builder()
        .request(new Request.Builder().url("http://store/bucket/key").build())
        .protocol(Protocol.HTTP_1_1)
        .code(data.consumeInt(200, 599))
        .message("")
        .headers(headers.build())
        .body(ResponseBody.create(data.consumeRemainingAsBytes(), MediaType.get("text/xml")))
        .build();
  }

  private static Interceptor.Chain chain(Response response) {
    return (Interceptor.Chain)
        Proxy.newProxyInstance(
            StoreFuzzTest.class.getClassLoader(),
            new Class<?>[] {Interceptor.Chain.class},
            (proxy, method, arguments) ->
                method.getName().equals("request") ? response.request() : response);
  }
}
