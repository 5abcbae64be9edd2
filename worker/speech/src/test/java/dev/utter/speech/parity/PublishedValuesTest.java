package dev.utter.speech.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.Utterance;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.parity.PublishedResult.Outcome;
import dev.utter.speech.parity.PublishedValues.Recording;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedValuesTest {
  private static final Path FIXTURE = Path.of("src/test/fixtures/csm-tiny");
  private static final EngineSettings SETTINGS = EngineSettings.defaults().withThreads(1);
  private static final String SPEECH = "audio/utterance_0.wav";

  @TempDir private Path folder;

  @Test
  void aModelWithAnotherVocabularyIsOnlyCheckedForATokenizerThatFits() {
    // When
    PublishedResult result = PublishedValues.tokens(FIXTURE);

    // Then
    assertThat(result.outcome()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(result.detail()).contains("vocabulary of its own");
  }

  @Test
  void anotherTokenizerBesideTheFullVocabularyIsADifference() {
    // Given
    CsmConfig config = CsmConfig.csm1b();

    // When
    try (TextTokenizer tokenizer = TextTokenizer.load(FIXTURE, config.bosId())) {
      PublishedResult result = PublishedValues.tokens(config, tokenizer);

      // Then
      assertThat(result.outcome()).isEqualTo(Outcome.DIFFERENT);
      assertThat(result.detail()).contains("Hey how are you doing?", "expected ");
    }
  }

  @Test
  void randomWeightsAreNotComparedWithPublishedFrames() {
    assertThat(PublishedValues.frames(FIXTURE, SETTINGS).outcome()).isEqualTo(Outcome.NOT_COMPARED);
    assertThat(PublishedValues.frames(FIXTURE, SETTINGS).detail()).contains("not recognised");
    assertThat(PublishedValues.frames(FIXTURE, SETTINGS.withPrecision(Precision.INT8)).detail())
        .contains("precision is INT8");
  }

  @Test
  void theFirstFrameOfASentenceIsComparedCodeByCode() {
    // Given
    Checkpoint checkpoint = Checkpoint.open(FIXTURE);
    TorchEngine engine = TorchEngine.start(SETTINGS);
    Utterance sentence = new Utterance(0, "Hello from Sesame.");
    int[] expected =
        Arrays.copyOf(
            ReferenceNumbers.read(FIXTURE).ints("case.plain.codes"),
            checkpoint.config().codebooks());
    int[] other = expected.clone();
    other[1]++;

    // Then
    assertThat(PublishedValues.frame(checkpoint, engine, sentence, expected).outcome())
        .isEqualTo(Outcome.EQUAL);
    assertThat(PublishedValues.frame(checkpoint, engine, sentence, other))
        .isEqualTo(
            new PublishedResult(
                Outcome.DIFFERENT,
                "codes of the first frame: first at 1: expected "
                    + other[1]
                    + ", found "
                    + expected[1]));
  }

  @Test
  void aTenthOfTheCodesOfARecordingMayDifferByTheResampler() {
    // Given
    Checkpoint checkpoint = Checkpoint.open(FIXTURE);
    TorchEngine engine = TorchEngine.start(SETTINGS);
    int codebooks = checkpoint.config().codebooks();
    int[] codes = ReferenceNumbers.read(FIXTURE).ints("mimi.utterance_0.codes");
    int[][] expected = firstFrames(codes, codebooks);
    int[][] others = firstFrames(codes, codebooks);
    others[0] = new int[] {-1, -1, -1, -1};

    // Then
    assertThat(PublishedValues.codes(checkpoint, engine, List.of(recording(expected))))
        .isEqualTo(
            new PublishedResult(
                Outcome.EQUAL, "8 of 8 codes of recordings are the published ones"));
    assertThat(PublishedValues.codes(checkpoint, engine, List.of(recording(others))).outcome())
        .isEqualTo(Outcome.DIFFERENT);
  }

  @Test
  void withoutTheRecordingsNoCodesAreCompared() {
    assertThat(PublishedValues.codes(FIXTURE, SETTINGS).detail())
        .contains("the folder has no prompts/conversational_a.wav");
  }

  @Test
  void weightsAreRecognisedByRevisionOrByChecksum() throws IOException {
    // Given
    Path weights = Files.writeString(folder.resolve("weights"), "published");
    PublishedWeights published = new PublishedWeights("c92a", "weights", 9, Sha256.hex(weights));
    Path snapshots = Files.createDirectories(folder.resolve("models--sesame--csm-1b/snapshots"));
    Path snapshot = Files.createSymbolicLink(snapshots.resolve("c92a"), FIXTURE.toAbsolutePath());
    Path other = Files.createSymbolicLink(snapshots.resolve("0000"), FIXTURE.toAbsolutePath());
    Path copy = Files.createDirectory(folder.resolve("copy"));
    for (Path file : list(FIXTURE)) {
      Files.createSymbolicLink(copy.resolve(file.getFileName()), file.toAbsolutePath());
    }
    Path file = Files.writeString(copy.resolve("weights"), "published");

    // Then
    assertThat(published.areIn(Checkpoint.open(snapshot))).isTrue();
    assertThat(published.areIn(Checkpoint.open(other))).isFalse();
    assertThat(published.areIn(Checkpoint.open(copy))).isTrue();
    Files.writeString(file, "something");
    assertThat(published.areIn(Checkpoint.open(copy))).isFalse();
  }

  @Test
  void aFolderWithoutACheckpointIsAnError() {
    assertThatThrownBy(() -> PublishedValues.tokens(folder))
        .isInstanceOf(CheckpointException.class);
  }

  private static int[][] firstFrames(int[] codes, int codebooks) {
    int frames = codes.length / codebooks;
    return new int[][] {
      Arrays.copyOfRange(codes, 0, 4), Arrays.copyOfRange(codes, frames, frames + 4),
    };
  }

  private static Recording recording(int[][] codes) {
    return new Recording(SPEECH, "", codes);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
