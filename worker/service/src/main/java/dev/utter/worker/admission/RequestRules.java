package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.UnicodeText;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The rules a request must keep, in the order of its fields; the first broken one is reported. */
final class RequestRules {
  static final int MAX_CONTEXT = 32;
  static final int MIN_DURATION_MILLIS = 80;
  static final int MAX_DURATION_MILLIS = 90_000;
  static final float MAX_TEMPERATURE = 10;

  /** The attributes are echoed in every result, which must stay well below a record's limit. */
  static final int MAX_ATTRIBUTES = 64;

  static final int MAX_ATTRIBUTE_CHARS = 16_384;

  private final AdmissionSettings settings;
  private final AccessRules access;

  RequestRules(AdmissionSettings settings, AccessRules access) {
    this.settings = requireNonNull(settings, "settings is null");
    this.access = requireNonNull(access, "access is null");
  }

  /**
   * Checks everything but id and key.
   *
   * @throws RequestFailedException naming the field, its value and the rule
   */
  void check(SynthesisRequested request, Instant now) {
    checkText("text", request.getText());
    checkSpeaker("speaker", request.getSpeaker());
    checkContext(request.getContext());
    checkOptions(request.getOptions());
    access.output(request.getOutput());
    if (request.getPriority() == Priority.UNKNOWN) {
      throw invalid("priority", "UNKNOWN", "must be INTERACTIVE, NORMAL or BULK");
    }
    checkAttributes(request);
    Instant deadline = request.getDeadline();
    if (deadline != null && !deadline.isAfter(now)) {
      throw new RequestFailedException(
          FailureCode.DEADLINE_EXCEEDED,
          "deadline",
          "deadline is " + deadline + ", past at admission at " + now);
    }
  }

  private void checkText(String field, String text) {
    if (text.isBlank()) {
      throw invalid(field, Excerpt.of(text), "must hold something to say");
    }
    if (text.length() > settings.maxTextChars()) {
      throw invalid(
          field,
          text.length() + " characters long",
          "must be " + settings.maxTextChars() + " characters at most");
    }
    refuse(field, text, UnicodeText.defect(text));
  }

  private static void checkSpeaker(String field, int speaker) {
    if (speaker < 0) {
      throw invalid(field, speaker, "must be 0 or more");
    }
  }

  private void checkContext(List<ContextUtterance> context) {
    if (context.size() > MAX_CONTEXT) {
      throw invalid(
          "context", context.size() + " utterances long", "must have " + MAX_CONTEXT + " at most");
    }
    for (int i = 0; i < context.size(); i++) {
      String field = "context[" + i + "]";
      ContextUtterance utterance = context.get(i);
      checkSpeaker(field + ".speaker", utterance.getSpeaker());
      checkText(field + ".text", utterance.getText());
      access.checkContext(field + ".audio", utterance.getAudio());
    }
  }

  private void checkOptions(GenerationOptions options) {
    int duration = options.getMaxDurationMillis();
    if (duration < MIN_DURATION_MILLIS || duration > MAX_DURATION_MILLIS) {
      throw invalid(
          "options.maxDurationMillis",
          duration,
          "must be " + MIN_DURATION_MILLIS + " to " + MAX_DURATION_MILLIS);
    }
    float temperature = options.getTemperature();
    // Written so that NaN fails it.
    if (!(temperature > 0 && temperature <= MAX_TEMPERATURE)) {
      throw invalid(
          "options.temperature", temperature, "must be above 0 and at most " + MAX_TEMPERATURE);
    }
    if (options.getTopK() < 1 || options.getTopK() > settings.maxTopK()) {
      throw invalid("options.topK", options.getTopK(), "must be 1 to " + settings.maxTopK());
    }
    if (options.getFormat() == AudioFormat.UNKNOWN) {
      throw invalid(
          "options.format", "UNKNOWN", "must be WAV_PCM16, WAV_FLOAT, FLAC, OGG_OPUS or MP3");
    }
  }

  private static void checkAttributes(SynthesisRequested request) {
    int entries = request.getAttributes().size();
    if (entries > MAX_ATTRIBUTES) {
      throw invalid("attributes", entries + " entries", "must have " + MAX_ATTRIBUTES + " at most");
    }
    long chars = attributeChars(request);
    if (chars > MAX_ATTRIBUTE_CHARS) {
      throw invalid(
          "attributes",
          chars + " characters in all",
          "must have " + MAX_ATTRIBUTE_CHARS + " at most");
    }
  }

  /** Whether the attributes keep their limits, so that an event may repeat them. */
  static boolean hasEchoableAttributes(SynthesisRequested request) {
    return request.getAttributes().size() <= MAX_ATTRIBUTES
        && attributeChars(request) <= MAX_ATTRIBUTE_CHARS;
  }

  private static long attributeChars(SynthesisRequested request) {
    return request.getAttributes().entrySet().stream()
        .mapToLong(entry -> (long) entry.getKey().length() + entry.getValue().length())
        .sum();
  }

  private static void refuse(String field, String value, Optional<String> defect) {
    if (defect.isPresent()) {
      throw invalid(field, Excerpt.of(value), defect.get());
    }
  }

  private static RequestFailedException invalid(String field, Object value, String rule) {
    return new RequestFailedException(
        FailureCode.INVALID_REQUEST, field, field + " is " + value + ": " + rule);
  }
}
