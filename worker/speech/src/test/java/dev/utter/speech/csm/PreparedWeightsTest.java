package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsFile;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.csm.matrix.MatrixStorage;
import dev.utter.speech.csm.prepared.PreparedFile;
import dev.utter.speech.csm.prepared.PreparedFinding;
import dev.utter.speech.csm.prepared.PreparedWriter;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.TextPrompts;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedWeightsTest {

  private static final Path SMAPS = Path.of("/proc/self/smaps");
  private static final int FRAMES = 3;

  @TempDir private static Path made;
  private static Path prepared;

  @TempDir private Path folder;
  private Checkpoint checkpoint;

  @BeforeAll
  static void prepareOnce() {
    TorchEngine engine = engine(Precision.INT8);
    assumeTrue(engine.hasCpuOperators(), "libtorch's packed weights have no file");
    prepared = made.resolve("prepared");
    Checkpoint tiny = Checkpoint.open(TinyCheckpoint.DIRECTORY);
    assertThat(new WeightPreparation(engine, tiny).write(prepared)).isPresent();
  }

  @BeforeEach
  void copy() {
    checkpoint = Checkpoint.open(TinyCheckpoint.copyTo(folder));
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"FLOAT32", "BFLOAT16", "INT8", "INT4"})
  void giveTheSameNumbersAsTheCheckpointToTheBit(Precision precision) {
    // Given
    TorchEngine engine = engine(precision);
    List<float[]> converted;
    try (CsmProgram program = CsmProgram.load(engine, checkpoint)) {
      assertThat(program.mappedBytes()).isZero();
      converted = numbers(program);
    }
    Path file = prepare(engine);

    // When
    List<float[]> mapped;
    try (CsmProgram program = CsmProgram.load(engine, checkpoint)) {
      assertThat(program.mappedBytes()).isEqualTo(file.toFile().length());
      mapped = numbers(program);
    }

    // Then
    assertThat(mapped).hasSameSizeAs(converted).hasSizeGreaterThan(FRAMES);
    for (int i = 0; i < mapped.size(); i++) {
      assertThat(mapped.get(i)).isEqualTo(converted.get(i));
    }
  }

  @ParameterizedTest
  @CsvSource({"INT8, 2", "BFLOAT16, 1"})
  void areSharedPagesUntilTheProgramIsClosed(Precision precision, int types) throws IOException {
    // Given
    assumeTrue(Files.exists(SMAPS), "only Linux describes maps");
    TorchEngine engine = engine(precision);
    Path file = prepare(engine);
    long owners = NativeMemory.openOwners();

    // When
    List<String> whileOpen;
    try (CsmProgram program = CsmProgram.load(engine, checkpoint)) {
      numbers(program);
      whileOpen = maps(file);
    }

    // Then: a map for each type of numbers, and no page is this process's own
    assertThat(whileOpen).hasSize(types);
    assertThat(total(whileOpen, "Rss")).isGreaterThan(file.toFile().length() / 1024 / 2);
    assertThat(total(whileOpen, "Anonymous")).isZero();
    assertThat(maps(file)).isEmpty();
    assertThat(NativeMemory.openOwners()).isEqualTo(owners);
  }

  @Test
  void areFoundWithTheReasonWhyTheyAreNotUsed() throws IOException {
    // Given
    Path file = PreparedFile.beside(checkpoint, Precision.INT8);
    WeightPreparation preparation = new WeightPreparation(engine(Precision.INT8), checkpoint);
    assertThat(preparation.find()).isEmpty();

    // When
    Files.copy(prepared, file);

    // Then
    assertThat(preparation.find())
        .hasValue(new PreparedFinding(file, Precision.INT8, Files.size(file), Optional.empty()));

    // When: as one that was made on another processor
    byte[] bytes = Files.readAllBytes(file);
    String text =
        new String(bytes, StandardCharsets.ISO_8859_1).replace("\"matrix.0.", "\"matrix_0.");
    Files.delete(file);
    Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));

    // Then
    assertThat(PreparedFinding.beside(checkpoint))
        .singleElement()
        .satisfies(found -> assertThat(found.obstacle()).isEmpty());
    assertThat(preparation.find().flatMap(PreparedFinding::obstacle))
        .hasValueSatisfying(
            why -> assertThat(why).contains("it has no matrix.0.", "which is needed here"));
  }

  @Test
  void areWrittenAgainOnlyIfTheFileDoesNotFit() throws IOException {
    // Given
    WeightPreparation preparation = new WeightPreparation(engine(Precision.INT8), checkpoint);
    Path file = Files.copy(prepared, folder.resolve("copy"));

    // Then
    assertThat(preparation.write(file)).isEmpty();

    // When
    spoil(file, "damage");

    // Then
    assertThat(preparation.write(file)).hasValue(file.toFile().length());
    assertThat(file).hasSameBinaryContentAs(prepared);
  }

  @Test
  void areNotUsedButConvertedIfTheyDoNotFit() throws IOException {
    // Given
    TorchEngine engine = engine(Precision.INT8);
    Path file = Files.copy(prepared, PreparedFile.beside(checkpoint, Precision.INT8));
    spoil(file, "damage");
    long owners = NativeMemory.openOwners();

    // When
    try (CsmProgram program = CsmProgram.load(engine, checkpoint)) {
      // Then
      assertThat(program.mappedBytes()).isZero();
      assertThat(numbers(program)).isNotEmpty();
    }
    assertThat(NativeMemory.openOwners()).isEqualTo(owners);
    assertThat(maps(file)).isEmpty();
  }

  /** Each is a whole file of this checkpoint; its checksums are right. */
  @ParameterizedTest
  @ValueSource(
      strings = {"none", "storage", "size", "type", "lack", "table", "packing", "unsigned"})
  void fitOnlyWithEveryTensorAsItIsNeeded(String defect) throws IOException {
    // Given
    Path file = Files.copy(prepared, folder.resolve("copy"));
    spoil(file, defect);

    // When
    Optional<CsmProgram> loaded =
        new CsmLoader(engine(Precision.INT8), checkpoint).loadPrepared(file);
    loaded.ifPresent(CsmProgram::close);

    // Then
    assertThat(loaded.isPresent()).isEqualTo(defect.equals("none"));
  }

  private void spoil(Path file, String defect) throws IOException {
    if (defect.equals("damage")) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[] {99}), channel.size() / 2);
      }
      return;
    }
    String head = PreparedWeights.matrix(0, MatrixStorage.CPU_INT8);
    List<StoredTensor> tensors = new ArrayList<>();
    for (StoredTensor tensor : SafetensorsFile.read(file).values()) {
      ByteBuffer data = ByteBuffer.allocate(Math.toIntExact(tensor.bytes()));
      data.put(tensor.data()).flip();
      StoredTensor kept = stored(tensor.name(), tensor.dtype(), tensor.shape(), data);
      boolean first = tensor.name().equals(head);
      boolean table = tensor.name().equals(PreparedWeights.depthTable(0));
      if (first && defect.equals("storage")) {
        tensors.add(kept.named(PreparedWeights.matrix(0, MatrixStorage.PLAIN_INT8)));
      } else if (first && defect.equals("size")) {
        tensors.add(stored(head, Dtype.I8, new Shape(64), data.limit(64)));
      } else if (first && defect.equals("type")) {
        tensors.add(stored(head, Dtype.F32, new Shape(tensor.bytes() / 4), data));
      } else if (first && defect.equals("unsigned")) {
        tensors.add(stored(head, Dtype.U8, tensor.shape(), data));
      } else if (first && defect.equals("packing")) {
        tensors.add(stored(head, Dtype.I8, tensor.shape(), data.put(0, (byte) 1)));
      } else if (table && defect.equals("table")) {
        tensors.add(stored(tensor.name(), tensor.dtype(), new Shape(tensor.shape().size()), data));
      } else if (!first || !defect.equals("lack")) {
        tensors.add(kept);
      }
    }
    tensors.removeIf(tensor -> tensor.name().startsWith("padding."));
    PreparedWriter.of(file, checkpoint, Precision.INT8).write(tensors);
  }

  private static StoredTensor stored(String name, Dtype dtype, Shape shape, ByteBuffer data) {
    return new StoredTensor(Path.of("made"), name, dtype, shape, data::duplicate);
  }

  /**
   * If this fails, the bytes that a checkpoint is converted to have changed: raise the version of
   * prepared weights, and put the new digest here.
   */
  @ParameterizedTest
  @CsvSource({"FLOAT32, df69b688fe2ca397", "BFLOAT16, b90c6fcadf6be809", "INT8, 3a7fc722e10dbcba"})
  void haveTheBytesOfTheirVersion(Precision precision, String digest) throws Exception {
    // When
    TorchEngine engine = engine(precision);
    Map<String, StoredTensor> tensors = SafetensorsFile.read(prepare(engine));

    // Then: the tables are products in 32 bit, which processors round differently
    MessageDigest found = MessageDigest.getInstance("SHA-256");
    tensors.forEach(
        (name, tensor) -> {
          if (name.startsWith("matrix.")) {
            found.update(tensor.toString().getBytes(StandardCharsets.UTF_8));
            found.update(tensor.data());
          }
        });
    assertThat(HexFormat.of().formatHex(found.digest(), 0, 8)).isEqualTo(digest);
  }

  private Path prepare(TorchEngine engine) {
    Path file = PreparedFile.beside(checkpoint, engine.settings().precision());
    assertThat(new WeightPreparation(engine, checkpoint).write(file))
        .hasValue(file.toFile().length());
    return file;
  }

  private static TorchEngine engine(Precision precision) {
    return TorchEngine.start(
        EngineSettings.defaults().withDevice("cpu").withThreads(1).withPrecision(precision));
  }

  /** All numbers of some sampled frames after a prompt. */
  private List<float[]> numbers(CsmProgram program) {
    Prompt prompt = TextPrompts.of(checkpoint.config().codebooks(), new int[] {5, 6, 7, 8});
    SynthesisOptions options = SynthesisOptions.sampled(FRAMES, 42);
    int last = prompt.positions() - 1;
    program.reserve(1, prompt.positions() + FRAMES);
    program.trace(true);
    try (KeyValues keyValues = program.newKeyValues(last)) {
      program.prefill(keyValues, prompt, 0, last);
      program.join(0, keyValues, prompt.rows(last, last + 1), last, 0, options);
    }
    List<float[]> numbers = new ArrayList<>();
    for (int frame = 0; frame < FRAMES; frame++) {
      int[] codes = program.stepAlone(prompt.positions() + frame, program.topK(options));
      FrameTrace trace = program.latestTrace();
      numbers.add(trace.lastHidden());
      numbers.add(trace.codebook0Logits());
      numbers.addAll(trace.depthLogits());
      float[] asFloats = new float[codes.length];
      for (int i = 0; i < codes.length; i++) {
        asFloats[i] = codes[i];
      }
      numbers.add(asFloats);
    }
    return numbers;
  }

  /** The lines about each map of a file. */
  private static List<String> maps(Path file) throws IOException {
    return Pattern.compile("(?m)^\\S+-\\S+ .* \\Q" + file + "\\E$\\n((?:\\w+: .*\\n)+)")
        .matcher(Files.readString(SMAPS))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  private static long total(List<String> maps, String line) {
    return maps.stream()
        .map(Pattern.compile("(?m)^" + line + ": +(\\d+) kB")::matcher)
        .peek(matcher -> assertThat(matcher.find()).isTrue())
        .mapToLong(matcher -> Long.parseLong(matcher.group(1)))
        .sum();
  }
}
