package dev.utter.speech.mimi;

import dev.utter.speech.AudioCodes;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Transposes codes: programs have them by codebook, Java by frame. */
final class CodeArrays {

  private CodeArrays() {}

  static AudioCodes toAudioCodes(long[] byCodebook, int codebooks) {
    int frames = byCodebook.length / codebooks;
    int[] values = new int[byCodebook.length];
    for (int frame = 0; frame < frames; frame++) {
      for (int codebook = 0; codebook < codebooks; codebook++) {
        values[frame * codebooks + codebook] = (int) byCodebook[codebook * frames + frame];
      }
    }
    return new AudioCodes(codebooks, values);
  }

  static long[] byCodebook(AudioCodes codes) {
    int[] values = codes.values();
    long[] byCodebook = new long[values.length];
    int frames = codes.frames();
    for (int i = 0; i < values.length; i++) {
      byCodebook[i % codes.codebooks() * frames + i / codes.codebooks()] = values[i];
    }
    return byCodebook;
  }

  static LongStream streamByCodebook(AudioCodes codes) {
    return Arrays.stream(byCodebook(codes));
  }
}
