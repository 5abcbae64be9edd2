package dev.utter.worker.synthesis.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioNote;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CodesCacheTest implements CodesListener {
  /** Of 100 frames of 4 codebooks, without notes: 1600 bytes of codes, and the entry. */
  private static final int ENTRY_BYTES = 2000;

  private static final int NOTE_BYTES = 300;

  private final List<Long> kept = new ArrayList<>();
  private final CodesCache cache = new CodesCache(2 * ENTRY_BYTES, this);

  @Override
  public void codesKept(long bytes) {
    kept.add(bytes);
  }

  private static CodesCache.Key key(String name) {
    return new CodesCache.Key("bucket", name, "etag");
  }

  private static ContextAudio.Encoded codes(AudioNote... notes) {
    return new ContextAudio.Encoded(new AudioCodes(4, new int[400]), List.of(notes));
  }

  private static AudioNote note(AudioNote.Kind kind) {
    return new AudioNote(kind, Duration.ZERO, "a note");
  }

  @Test
  void asManyFitAsThereIsMemoryForAndThenTheOneUnusedForTheLongestTimeIsForgotten() {
    // Given
    cache.put(key("first"), codes());
    cache.put(key("second"), codes());
    assertThat(cache.get(key("first"))).isPresent();

    // When
    cache.put(key("third"), codes());

    // Then
    assertThat(kept).containsExactly(2000L, 4000L, 4000L);
    assertThat(cache.get(key("second"))).isEmpty();
    assertThat(cache.get(key("first"))).isPresent();
    assertThat(cache.get(key("third"))).isPresent();
  }

  @Test
  void codesThatAreReplacedTakeTheirMemoryOnce() {
    // When
    cache.put(key("a"), codes(note(AudioNote.Kind.SILENCE)));
    cache.put(key("a"), codes());

    // Then
    assertThat(kept).containsExactly(2000L + NOTE_BYTES, 2000L);
  }

  @Test
  void codesThatAreLargerThanTheCacheAreNotKept() {
    // Given
    CodesCache small = new CodesCache(ENTRY_BYTES - 1, this);

    // When
    small.put(key("a"), codes());

    // Then
    assertThat(small.get(key("a"))).isEmpty();
    assertThat(kept).containsExactly(0L);
  }

  @Test
  void aNoteAboutTheTextOfOneRequestIsNotKeptForTheNext() {
    // When
    cache.put(key("a"), codes(note(AudioNote.Kind.LENGTH_UNLIKELY), note(AudioNote.Kind.DAMAGED)));

    // Then
    assertThat(cache.get(key("a")).orElseThrow().notes())
        .extracting(AudioNote::kind)
        .containsExactly(AudioNote.Kind.DAMAGED);
  }
}
