package dev.utter.speech;

import dev.utter.speech.audio.AudioClip;
import java.time.Duration;
import java.util.Objects;

/**
 * A generated clip, not watermarked.
 *
 * @param audio the samples, mono, at the model's rate; empty only if stopped before the first frame
 * @param codes the codes the samples were decoded from
 * @param finishReason why it ended where it did
 * @param promptPositions positions of the prompt: text tokens and context frames
 * @param reusedPositions how many of them were copied from the prefix cache instead of computed
 * @param timeToFirstFrame from {@link SpeechModel#submit} to the first frame's codes; zero if there
 *     is none
 * @param prefillTime elapsed time from the first chunk of the prompt to its last, other work of the
 *     engine included
 * @param generationTime from the end of the prompt to the last frame
 * @param decodingTime from the last frame to the last sample
 */
public record Speech(
    AudioClip audio,
    AudioCodes codes,
    FinishReason finishReason,
    int promptPositions,
    int reusedPositions,
    Duration timeToFirstFrame,
    Duration prefillTime,
    Duration generationTime,
    Duration decodingTime) {

  public Speech {
    Objects.requireNonNull(audio, "audio is null");
    Objects.requireNonNull(codes, "codes is null");
    Objects.requireNonNull(finishReason, "finishReason is null");
    Objects.requireNonNull(timeToFirstFrame, "timeToFirstFrame is null");
    Objects.requireNonNull(prefillTime, "prefillTime is null");
    Objects.requireNonNull(generationTime, "generationTime is null");
    Objects.requireNonNull(decodingTime, "decodingTime is null");
  }
}
