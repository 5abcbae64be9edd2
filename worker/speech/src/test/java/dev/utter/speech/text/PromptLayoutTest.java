package dev.utter.speech.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.Utterance;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.failure.InvalidUtteranceException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PromptLayoutTest {

  private static final int BEGIN = 369;
  private static final int END = 370;
  private static final int AUDIO = 371;
  private static final int AUDIO_END = 372;
  private static final PromptLayout.Sizes SIZES =
      new PromptLayout.Sizes(2, 67, 378, AUDIO, AUDIO_END);

  private static TextTokenizer tokenizer;

  @BeforeAll
  static void load() {
    tokenizer = TextTokenizer.load(Path.of("src/test/fixtures/csm-tiny"), BEGIN);
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  private final PromptLayout layout = new PromptLayout(tokenizer, SIZES);

  @Test
  void putsContextTextAudioAndEndBeforeTheText() {
    // Given
    ContextSegment segment = new ContextSegment(7, "a", new AudioCodes(2, new int[] {1, 2, 3, 4}));

    // When
    Prompt prompt = layout.layOut(new Utterance(0, "b", List.of(segment)));

    // Then
    int[] ids = prompt.ids();
    int text = 6;
    assertThat(ids).hasSize(text + 3 + text).hasSize(prompt.positions());
    assertThat(Arrays.copyOfRange(ids, 0, 2)).containsExactly(BEGIN, 58);
    assertThat(Arrays.copyOfRange(ids, 3, 6)).doesNotContain(AUDIO).contains(60);
    assertThat(ids[ids.length - 1]).isEqualTo(END);
    assertThat(rows(prompt))
        .containsSubsequence(
            List.of(0, 0, END),
            List.of(1, 2, Prompt.NO_TEXT),
            List.of(3, 4, Prompt.NO_TEXT),
            List.of(0, 0, Prompt.NO_TEXT),
            List.of(0, 0, BEGIN));
    assertThat(ids).containsSequence(AUDIO, AUDIO, AUDIO_END, BEGIN);
  }

  private static List<List<Integer>> rows(Prompt prompt) {
    int[] rows = prompt.rows();
    int width = prompt.rowWidth();
    return Stream.iterate(0, at -> at < rows.length, at -> at + width)
        .map(at -> Arrays.stream(rows, at, at + width).boxed().toList())
        .toList();
  }

  @Test
  void keepsLongTextsWhole() {
    // Given
    String text = "Hello. ".repeat(2_000);

    // When
    int positions = layout.layOut(new Utterance(0, text)).positions();

    // Then
    int once = layout.layOut(new Utterance(0, "Hello. ".repeat(20))).positions();
    int twice = layout.layOut(new Utterance(0, "Hello. ".repeat(40))).positions();
    assertThat(positions).isEqualTo(once + (twice - once) * 99);
  }

  @Test
  void takesAnyWellFormedText() {
    for (String text :
        List.of("\u0000", "😀", "\uFFFF", "a\u0301\u200D", "[1] [2]", "\\n\r\n\t.")) {
      assertThat(layout.layOut(new Utterance(0, text)).positions()).isGreaterThan(5);
    }
  }

  static Stream<Arguments> badUtterances() {
    AudioCodes codes = new AudioCodes(2, new int[] {1, 2});
    ContextSegment good = new ContextSegment(0, "a", codes);
    return Stream.of(
        Arguments.of("text", "empty", new Utterance(0, "")),
        Arguments.of("text", "blank", new Utterance(0, " \n\t")),
        Arguments.of("speaker", "-1", new Utterance(-1, "a")),
        Arguments.of("text", "index 1", new Utterance(0, "a\uD83D")),
        Arguments.of("text", "index 0", new Utterance(0, "\uDE00a")),
        Arguments.of("text", "index 0", new Utterance(0, "\uD83D\uD83D\uDE00")),
        Arguments.of("text", "<|AUDIO|>", new Utterance(0, "a <|AUDIO|> b")),
        Arguments.of("text", "<|end_of_text|>", new Utterance(0, "a<|end_of_text|>")),
        Arguments.of(
            "context[1].text",
            "empty",
            new Utterance(0, "a", List.of(good, new ContextSegment(0, "", codes)))),
        Arguments.of(
            "context[0].speaker",
            "-5",
            new Utterance(0, "a", List.of(new ContextSegment(-5, "a", codes)))),
        Arguments.of(
            "context[0].text",
            "<|audio_eos|>",
            new Utterance(0, "a", List.of(new ContextSegment(0, "<|audio_eos|>", codes)))),
        Arguments.of(
            "context[0].codes",
            "must have 2",
            new Utterance(
                0, "a", List.of(new ContextSegment(0, "a", new AudioCodes(3, new int[3]))))),
        Arguments.of(
            "context[0].codes",
            "empty",
            new Utterance(
                0, "a", List.of(new ContextSegment(0, "a", new AudioCodes(2, new int[0]))))),
        Arguments.of(
            "context[0].codes",
            "code 67",
            new Utterance(
                0, "a", List.of(new ContextSegment(0, "a", new AudioCodes(2, new int[] {0, 67}))))),
        Arguments.of(
            "context[0].codes",
            "code -1",
            new Utterance(
                0,
                "a",
                List.of(new ContextSegment(0, "a", new AudioCodes(2, new int[] {-1, 0}))))));
  }

  @ParameterizedTest
  @MethodSource("badUtterances")
  void namesTheFieldThatBreaksARule(String field, String detail, Utterance utterance) {
    assertThatThrownBy(() -> layout.layOut(utterance))
        .isInstanceOfSatisfying(
            InvalidUtteranceException.class, e -> assertThat(e.field()).isEqualTo(field))
        .hasMessageStartingWith(field + " is ")
        .hasMessageContaining(detail);
  }

  @Test
  void refusesATokenizerThatIsLargerThanTheModel() {
    PromptLayout small =
        new PromptLayout(tokenizer, new PromptLayout.Sizes(2, 67, 300, AUDIO, AUDIO_END));

    assertThatThrownBy(() -> small.layOut(new Utterance(0, "a")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("text embedding has 300 rows");
  }
}
