package dev.utter.worker.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BoundedDecoderTest {
  private static final byte[] FILE =
      new AudioEncoder(AudioLimits.DEFAULT)
          .encode(new AudioClip(new float[24_000], 24_000), FileFormat.WAV_PCM16);

  private static final DecodeOptions OPTIONS = DecodeOptions.atRate(24_000);

  private final MemoryBudget budget = new MemoryBudget(1 << 20);
  private final BoundedDecoder decoder =
      new BoundedDecoder(new AudioDecoder(AudioLimits.DEFAULT), AudioLimits.DEFAULT, budget);

  @Test
  void aFileIsDecodedOnceThereIsMemoryForIt() {
    // Given
    CompletableFuture<AudioClip> clip = new CompletableFuture<>();
    Thread thread = new Thread(() -> clip.complete(decoder.decode(FILE, OPTIONS).clip()));
    budget.with(
        1024,
        () -> {
          // When
          thread.start();
          await().until(() -> thread.getState() == Thread.State.WAITING);

          // Then
          return assertThat(clip).isNotDone();
        });
    assertThat(clip.join().length()).isEqualTo(24_000);
  }

  @Test
  void aFileTakesWhatTheLongestRecordingHasAtTheRateAskedFor() {
    // Given: 3 minutes take 35 MB at 24 kHz and 70 MB at 48 kHz
    MemoryBudget seventy = new MemoryBudget(70_000_000);
    BoundedDecoder bounded =
        new BoundedDecoder(new AudioDecoder(AudioLimits.DEFAULT), AudioLimits.DEFAULT, seventy);
    Thread large = new Thread(() -> bounded.decode(FILE, DecodeOptions.atRate(48_000)));
    seventy.with(
        30_000_000,
        () -> {
          // When
          AudioClip clip = bounded.decode(FILE, OPTIONS).clip();
          large.start();
          await().until(() -> large.getState() == Thread.State.WAITING);

          // Then
          return assertThat(clip.sampleRate()).isEqualTo(24_000);
        });
    await().until(() -> large.getState() == Thread.State.TERMINATED);
    assertThat(seventy.freeBytes()).isGreaterThan(69_000_000);
  }

  @Test
  void aBrokenFileLeavesTheBudgetAsItWas() {
    assertThatThrownBy(() -> decoder.decode(new byte[] {1, 2, 3}, OPTIONS))
        .isInstanceOf(UnreadableAudioException.class);
    assertThat(budget.freeBytes()).isEqualTo(1 << 20);
  }

  @Test
  void theBudgetIsCheckedByName() {
    assertThatThrownBy(() -> new DecodingSettings(1000))
        .hasMessage("decoding.memoryBytes is 1000, must be 1048576 to 1099511627776");
    assertThat(DecodingSettings.defaults().memoryBytes())
        .isEqualTo(Runtime.getRuntime().maxMemory() / 4);
  }
}
