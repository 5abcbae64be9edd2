package dev.utter.speech.engine;

import dev.utter.speech.mimi.MimiDecoder;
import dev.utter.speech.mimi.MimiStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decodes the frames of generations to samples while they run, several at once.
 *
 * <p>Threading: not safe, one thread at a time.
 */
final class ClipDecoding {

  private final MimiDecoder decoder;
  private final int framesPerDecode;
  private final boolean alone;

  /**
   * @param framesPerDecode frames of a generation decoded at once
   * @param alone whether each generation is decoded by itself, so that others do not influence it
   */
  ClipDecoding(MimiDecoder decoder, int framesPerDecode, boolean alone) {
    this.decoder = decoder;
    this.framesPerDecode = framesPerDecode;
    this.alone = alone;
  }

  /** A stream at the beginning of a clip. The caller closes it. */
  MimiStream open() {
    return decoder.openStream();
  }

  /**
   * The running generations to decode now, in groups of one call each. When one has enough frames,
   * those of the others are decoded too, so that they stay together.
   */
  List<List<Generation>> due(Collection<Generation> running) {
    List<Generation> full =
        running.stream().filter(one -> one.undecoded() >= framesPerDecode).toList();
    return groups(full.isEmpty() || alone ? full : running);
  }

  /** Groups of generations with the same number of frames to decode. */
  List<List<Generation>> groups(Collection<Generation> generations) {
    List<Generation> open = generations.stream().filter(one -> one.undecoded() > 0).toList();
    if (alone) {
      return open.stream().map(List::of).toList();
    }
    return List.copyOf(
        open.stream()
            .collect(
                Collectors.groupingBy(Generation::undecoded, TreeMap::new, Collectors.toList()))
            .values());
  }

  /**
   * Decodes the remaining frames of a group.
   *
   * @return the generations whose samples have ended them
   */
  List<Generation> decode(List<Generation> group) {
    List<float[]> samples =
        decoder.decode(
            group.stream().map(Generation::stream).toList(),
            group.stream().map(Generation::undecodedCodes).toList());
    List<Generation> over = new ArrayList<>();
    for (int i = 0; i < group.size(); i++) {
      if (group.get(i).addSamples(samples.get(i))) {
        over.add(group.get(i));
      }
    }
    return over;
  }
}
