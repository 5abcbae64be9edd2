package dev.utter.producer.json;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.time.Clock;

class RequestLineFuzzTest {

  @FuzzTest
  void aLineIsARequestOrRefused(FuzzedDataProvider data) throws IOException {
    RequestLine line;
    try {
      line = RequestLine.parse(data.consumeRemainingAsString());
    } catch (IllegalArgumentException e) {
      return;
    }
    line.toEvent(Clock.systemUTC()).toByteBuffer();
  }
}
