package dev.utter.speech.parity;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.mimi.MimiCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Encodes and decodes the reference's clips. */
final class CodecParity {

  static final double AUDIO_BOUND = 1e-4;

  private static final Pattern CODES = Pattern.compile("mimi\\.(.+)\\.codes");

  private final MimiCodec codec;
  private final int sampleRate;
  private final ReferenceNumbers reference;

  CodecParity(MimiCodec codec, int sampleRate, ReferenceNumbers reference) {
    this.codec = codec;
    this.sampleRate = sampleRate;
    this.reference = reference;
  }

  List<Comparison> compare() {
    List<Comparison> comparisons = new ArrayList<>();
    for (String clip : reference.matching(CODES)) {
      String codesKey = "mimi." + clip + ".codes";
      AudioCodes expected = transposed(codesKey);
      AudioCodes codes = codec.encoder().encode(new AudioClip(reference.floats(clip), sampleRate));
      comparisons.add(Comparison.equal(codesKey, expected.values(), codes.values()));
      String decodedKey = "mimi." + clip + ".decoded";
      comparisons.add(
          Comparison.close(
              decodedKey,
              reference.floats(decodedKey),
              codec.decoder().decode(expected).samples(),
              AUDIO_BOUND));
    }
    return comparisons;
  }

  /** The codec's references are (codebooks, frames). */
  private AudioCodes transposed(String key) {
    int codebooks = Math.toIntExact(reference.shape(key)[0]);
    int[] stored = reference.ints(key);
    int frames = stored.length / codebooks;
    int[] codes = new int[stored.length];
    for (int i = 0; i < stored.length; i++) {
      codes[i % frames * codebooks + i / frames] = stored[i];
    }
    return new AudioCodes(codebooks, codes);
  }
}
