package dev.utter.speech.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.torch.EngineSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ParityTest {

  private static final EngineSettings ENGINE = EngineSettings.defaults().withThreads(1);

  @Test
  void theTinyModelAgreesWithTheReference() {
    // When
    ParityReport report = Parity.run(Path.of("src/test/fixtures/csm-tiny"), ENGINE);

    // Then
    assertThat(report.comparisons()).allSatisfy(c -> assertThat(c.passed()).as("%s", c).isTrue());
    assertThat(report.comparisons())
        .extracting(Comparison::quantity)
        .contains(
            "mimi.utterance_0.codes",
            "mimi.utterance_1.decoded",
            "case.context.input_ids",
            "case.context.codes",
            "case.unicode.codebook0_logits",
            "case.plain.audio",
            "case.plain.finish",
            "backbone.plain.last_hidden",
            "depth.plain.frame0_logits");
  }
}
