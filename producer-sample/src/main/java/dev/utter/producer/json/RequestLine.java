package dev.utter.producer.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.EventClasses;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One request as one line of JSON. The fields are those of the event; all but {@code text} may be
 * left out. Only the types are checked here. The worker checks the values and answers with an
 * event.
 *
 * @param requestId id of the request; left out, a random one
 * @param text what to say
 * @param speaker speaker number, 0 if left out
 * @param context earlier utterances, oldest first
 * @param maxDurationMillis longest audio wanted
 * @param temperature sampling temperature
 * @param topK how many codes may be sampled
 * @param seed seed of the sampling noise
 * @param format format of the clip
 * @param bucket where to store the clip; left out, the worker's default
 * @param prefix key prefix; left out, the worker's default
 * @param priority the lane
 * @param deadline when the result is no longer wanted, as ISO-8601 instant
 * @param attributes echoed in the result
 * @param tolerateDamagedContext whether damaged recordings are used as far as they can be decoded
 */
public record RequestLine(
    @Nullable String requestId,
    String text,
    @Nullable Integer speaker,
    @Nullable List<ContextLine> context,
    @Nullable Integer maxDurationMillis,
    @Nullable Float temperature,
    @Nullable Integer topK,
    @Nullable Long seed,
    @Nullable AudioFormat format,
    @Nullable String bucket,
    @Nullable String prefix,
    @Nullable Priority priority,
    @Nullable String deadline,
    @Nullable Map<String, String> attributes,
    @Nullable Boolean tolerateDamagedContext) {

  static {
    EventClasses.trust();
  }

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /**
   * An earlier utterance.
   *
   * @param speaker speaker number
   * @param text what is said in the recording
   * @param bucket bucket of the recording
   * @param key its key
   */
  record ContextLine(int speaker, String text, String bucket, String key) {
    private ContextUtterance toEvent() {
      return ContextUtterance.newBuilder()
          .setSpeaker(speaker)
          .setText(text)
          .setAudio(ObjectReference.newBuilder().setBucket(bucket).setKey(key).build())
          .build();
    }
  }

  /**
   * Reads one line.
   *
   * @throws IllegalArgumentException if it is not such a JSON object; the message names the field
   */
  public static RequestLine parse(String json) {
    try {
      RequestLine line = MAPPER.readValue(json, RequestLine.class);
      if (line == null) {
        throw new IllegalArgumentException("a request needs a text");
      }
      line.requireWhole();
      return line;
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(path(e) + e.getOriginalMessage(), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  /** The event does not allow null here. */
  private void requireWhole() {
    require(text, "text");
    for (int i = 0; context != null && i < context.size(); i++) {
      String path = "context[" + i + "]";
      ContextLine utterance = context.get(i);
      require(utterance, path);
      require(utterance.text(), path + ".text");
      require(utterance.bucket(), path + ".bucket");
      require(utterance.key(), path + ".key");
    }
    if (attributes != null) {
      attributes.forEach((name, value) -> require(value, "attributes." + name));
    }
    if (deadline != null) {
      instant(deadline);
    }
  }

  private static void require(@Nullable Object value, String path) {
    if (value == null) {
      throw new IllegalArgumentException("field " + path + " is missing");
    }
  }

  private static String path(JsonMappingException failure) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference step : failure.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.isEmpty() ? "" : "field " + path + ": ";
  }

  /**
   * The event of this line.
   *
   * @throws IllegalArgumentException if the deadline is no instant
   */
  public SynthesisRequested toEvent(Clock clock) {
    SynthesisRequested.Builder event =
        SynthesisRequested.newBuilder()
            .setRequestId(requestId == null ? UUID.randomUUID().toString() : requestId)
            .setText(text)
            .setOptions(options())
            .setOutput(OutputLocation.newBuilder().setBucket(bucket).setPrefix(prefix).build())
            .setRequestedAt(clock.instant());
    if (speaker != null) {
      event.setSpeaker(speaker);
    }
    if (context != null) {
      event.setContext(context.stream().map(ContextLine::toEvent).toList());
    }
    if (priority != null) {
      event.setPriority(priority);
    }
    if (deadline != null) {
      event.setDeadline(instant(deadline));
    }
    if (attributes != null) {
      event.setAttributes(attributes);
    }
    if (tolerateDamagedContext != null) {
      event.setTolerateDamagedContext(tolerateDamagedContext);
    }
    return event.build();
  }

  private GenerationOptions options() {
    GenerationOptions.Builder options = GenerationOptions.newBuilder().setSeed(seed);
    if (maxDurationMillis != null) {
      options.setMaxDurationMillis(maxDurationMillis);
    }
    if (temperature != null) {
      options.setTemperature(temperature);
    }
    if (topK != null) {
      options.setTopK(topK);
    }
    if (format != null) {
      options.setFormat(format);
    }
    return options.build();
  }

  private static Instant instant(String text) {
    try {
      Instant instant = Instant.parse(text);
      // The event has milliseconds, which cannot hold every Instant.
      return Instant.ofEpochMilli(instant.toEpochMilli());
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "deadline " + text + " is no instant such as 2027-01-31T12:00:00Z", e);
    }
  }
}
