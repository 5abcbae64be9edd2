package dev.utter.worker.synthesis.request;

import dev.utter.events.AudioFormat;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.audio.FileFormat;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.storage.object.ObjectLocation;
import java.time.Duration;

/**
 * Checks everything of a request that this worker relies on, admitted or not, and makes a plan. The
 * engine checks texts and lengths itself.
 */
public final class Planner {
  /** As in admission's {@code RequestRules}. A record of a lane need not have passed those. */
  private static final int MAX_CONTEXT = 32;

  private final AccessRules access;
  private final ModelDescription model;

  public Planner(AccessRules access, ModelDescription model) {
    this.access = access;
    this.model = model;
  }

  /**
   * The plan for a request.
   *
   * @throws RequestFailedException naming field, value and rule
   */
  public Plan plan(SynthesisRequested request) {
    if (!RequestIds.isValid(request.getRequestId())) {
      throw invalid("requestId", Excerpt.of(request.getRequestId()), RequestIds.RULE);
    }
    if (request.getContext().size() > MAX_CONTEXT) {
      throw invalid("context", request.getContext().size() + " long", "at most " + MAX_CONTEXT);
    }
    for (int i = 0; i < request.getContext().size(); i++) {
      access.checkContext("context[" + i + "].audio", request.getContext().get(i).getAudio());
    }
    FileFormat format = format(request.getOptions().getFormat());
    return new Plan(
        request,
        RequestContent.fingerprint(request),
        options(request),
        format,
        destination(request, format));
  }

  private SynthesisOptions options(SynthesisRequested request) {
    GenerationOptions options = request.getOptions();
    if (options.getTopK() < 1 || options.getTopK() > model.vocabulary()) {
      throw invalid(
          "options.topK",
          options.getTopK(),
          "must be 1 to the model's vocabulary, " + model.vocabulary());
    }
    float temperature = options.getTemperature();
    if (!(temperature > 0) || Float.isInfinite(temperature)) {
      throw invalid("options.temperature", temperature, "must be finite and above 0");
    }
    // Rounded down to whole frames: the caller asked for no more than this.
    int frames = model.frames(Duration.ofMillis(Math.max(0, options.getMaxDurationMillis())));
    if (frames < 1) {
      throw invalid(
          "options.maxDurationMillis",
          options.getMaxDurationMillis(),
          "must be at least one frame, " + model.duration(1).toMillis() + " ms");
    }
    return new SynthesisOptions(
        frames, temperature, options.getTopK(), RequestContent.seed(request));
  }

  private ObjectLocation destination(SynthesisRequested request, FileFormat format) {
    ObjectPrefix place = access.output(request.getOutput());
    return ObjectLocation.newest(
        place.bucket(), place.prefix() + "/" + request.getRequestId() + "." + format.extension());
  }

  private static FileFormat format(AudioFormat format) {
    return switch (format) {
      case WAV_PCM16 -> FileFormat.WAV_PCM16;
      case WAV_FLOAT -> FileFormat.WAV_FLOAT;
      case FLAC -> FileFormat.FLAC;
      case OGG_OPUS -> FileFormat.OGG_OPUS;
      case MP3 -> FileFormat.MP3;
      case UNKNOWN -> throw invalid("options.format", format, "is not a format this worker knows");
    };
  }

  private static RequestFailedException invalid(String field, Object value, String rule) {
    return new RequestFailedException(
        FailureCode.INVALID_REQUEST, field, field + " is " + value + ": " + rule);
  }
}
