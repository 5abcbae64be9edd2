package dev.utter.worker.synthesis.request;

import dev.utter.events.SynthesisRequested;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.audio.FileFormat;
import dev.utter.worker.storage.object.ObjectLocation;

/**
 * A valid request, and the values derived from it.
 *
 * @param request the request
 * @param fingerprint of its content
 * @param options for the engine
 * @param format of the clip
 * @param destination where the clip goes
 */
public record Plan(
    SynthesisRequested request,
    String fingerprint,
    SynthesisOptions options,
    FileFormat format,
    ObjectLocation destination) {

  public String requestId() {
    return request.getRequestId();
  }
}
