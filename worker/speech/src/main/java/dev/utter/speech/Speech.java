package dev.utter.speech;

import dev.utter.speech.audio.AudioClip;
import java.time.Duration;
import java.util.Objects;

/**
 * What was generated. Not watermarked.
 *
 * @param audio the samples, mono, at the model's rate; empty only if stopped before the first frame
 * @param codes the codes the samples were decoded from
 * @param finishReason why it ended where it did
 * @param promptPositions positions of the prompt: text tokens and context frames
 * @param prefillTime time taken to run the prompt through the backbone
 * @param generationTime time taken by the frames, decoding excluded
 * @param decodingTime time taken to decode codes to samples
 */
public record Speech(
    AudioClip audio,
    AudioCodes codes,
    FinishReason finishReason,
    int promptPositions,
    Duration prefillTime,
    Duration generationTime,
    Duration decodingTime) {

  public Speech {
    Objects.requireNonNull(audio, "audio is null");
    Objects.requireNonNull(codes, "codes is null");
    Objects.requireNonNull(finishReason, "finishReason is null");
    Objects.requireNonNull(prefillTime, "prefillTime is null");
    Objects.requireNonNull(generationTime, "generationTime is null");
    Objects.requireNonNull(decodingTime, "decodingTime is null");
  }
}
