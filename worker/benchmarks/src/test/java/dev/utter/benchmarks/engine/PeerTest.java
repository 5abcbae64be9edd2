package dev.utter.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.utter.benchmarks.engine.peer.Peer;
import dev.utter.benchmarks.engine.peer.PeerDtype;
import dev.utter.benchmarks.engine.peer.PeerException;
import dev.utter.benchmarks.engine.peer.PeerSide;
import dev.utter.benchmarks.measure.ModelSource;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.benchmarks.measure.Turn;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The talk with the peer, with a shell script in its place, and with the real one where it is. */
class PeerTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));
  private static final Path FAKE =
      HOME.resolve("worker/benchmarks/src/test/resources/dev/utter/benchmarks/engine/fake-peer");
  private static final int CODEBOOKS = 8;

  private final ModelSource source =
      ModelSource.folder(HOME.resolve("worker/speech/src/test/fixtures/csm-tiny"));
  private final Prompts prompts = Prompts.draw(source.checkpoint().config(), 5, 2);

  @TempDir Path folder;

  @Test
  void aTurnIsWhatThePeerAnswers() throws IOException {
    // Given
    Path fake = fake("fake");

    // When
    Turn turn;
    try (Peer peer = Peer.start(fake.toString(), "cpu", 2, CODEBOOKS)) {
      peer.load(PeerDtype.FLOAT32, source);
      turn = peer.generate(PeerDtype.FLOAT32, prompts, 4, false);
    }

    // Then
    assertThat(turn.framesPerSecond()).isCloseTo(10, within(1e-6));
    assertThat(turn.secondsToFirstFrame()).isEqualTo(0.1);
    assertThat(turn.codes()).hasSize(2).allMatch(codes -> codes.frames() == 4);
    assertThat(Files.readAllLines(Path.of(fake + ".log")))
        .satisfiesExactly(
            line ->
                assertThat(line).isEqualTo("{\"do\":\"start\",\"device\":\"cpu\",\"threads\":2}"),
            line -> assertThat(line).contains("load", "float32", "csm-tiny"),
            line -> assertThat(line).contains("generate", "\"frames\":4", "\"audio\":false"));
  }

  @Test
  void aTypeThatIsMuchSlowerTakesNoPartAfterTheWarmUp() throws IOException {
    // Given
    try (Peer peer = Peer.start(fake("fake").toString(), "cpu", 1, CODEBOOKS)) {
      PeerSide side = new PeerSide(peer, prompts, false);

      // When
      side.warmUp();
      side.turn(3);
      side.turn(3);

      // Then
      assertThat(side.best()).isEqualTo(PeerDtype.FLOAT32);
      assertThat(side.turns(PeerDtype.FLOAT32)).hasSize(2);
      assertThat(side.turns(PeerDtype.BFLOAT16)).isEmpty();
      assertThat(side.warmUpRate(PeerDtype.BFLOAT16)).isEqualTo(1);
    }
  }

  @Test
  void whatThePeerCannotDoIsToldInItsWords() throws IOException {
    try (Peer peer = Peer.start(fake("fake-error").toString(), "cpu", 1, CODEBOOKS)) {
      assertThatThrownBy(() -> peer.generate(PeerDtype.FLOAT32, prompts, 4, false))
          .isInstanceOf(PeerException.class)
          .hasMessageContaining("failed to generate")
          .hasMessageContaining("MemoryError: too large");
    }
  }

  @Test
  void aTurnOfFewerFramesIsNoResult() throws IOException {
    try (Peer peer = Peer.start(fake("fake-short").toString(), "cpu", 1, CODEBOOKS)) {
      assertThatThrownBy(() -> peer.generate(PeerDtype.FLOAT32, prompts, 4, false))
          .hasMessageContaining("made 3 frames, asked for were 4");
    }
  }

  @Test
  void aPeerThatEndsIsToldWithItsLastWords() {
    assertThatThrownBy(() -> Peer.start(fake("fake-silent").toString(), "cpu", 1, CODEBOOKS))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("the peer ended")
        .hasMessageContaining("no module named torch");
  }

  @Test
  void aPythonThatIsNotThereIsTold() {
    assertThatThrownBy(() -> Peer.start("/no/such/python", "cpu", 1, CODEBOOKS))
        .isInstanceOf(PeerException.class)
        .hasMessageContaining("/no/such/python");
  }

  @Test
  void theProgramForThePeerIsPython() throws Exception {
    // Given
    Path complaints = folder.resolve("complaints");
    ProcessBuilder builder =
        new ProcessBuilder("python3", "-c", "import ast, sys; ast.parse(sys.stdin.read())");
    Process python = null;
    try {
      python = builder.redirectErrorStream(true).redirectOutput(complaints.toFile()).start();
    } catch (IOException e) {
      assumeThat(e).as("python3 is not installed").isNull();
    }

    // When
    try (InputStream script = Peer.class.getResourceAsStream("peer.py")) {
      script.transferTo(python.getOutputStream());
      python.getOutputStream().close();
    }

    // Then
    assertThat(python.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(complaints).isEmptyFile();
  }

  @Test
  void theRealPeerDoesTheSameWork() {
    // Given
    String python = System.getenv("UTTER_PEER_PYTHON");
    assumeThat(python).as("UTTER_PEER_PYTHON names no Python with transformers").isNotNull();
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));

    // When
    Turn own;
    try (OwnModel model = OwnModel.load(engine, source, true)) {
      own = model.generate(prompts, 6, false).turn();
    }
    Turn other;
    try (Peer peer = Peer.start(python, "cpu", 1, CODEBOOKS)) {
      peer.load(PeerDtype.FLOAT32, source);
      other = peer.generate(PeerDtype.FLOAT32, prompts, 6, false);
    }

    // Then
    assertThat(own.codes()).isEqualTo(other.codes());
    assertThat(own.codes()).extracting(AudioCodes::frames).containsOnly(6);
  }

  private Path fake(String name) throws IOException {
    return Files.copy(FAKE, folder.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
  }
}
