package dev.utter.speech.checkpoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import dev.utter.speech.failure.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TorchZipTest {
  private static final Path FIXTURE =
      Path.of(System.getProperty("utter.home"), "worker/speech/src/test/fixtures/watermark-dev");

  @TempDir private Path folder;

  @Test
  void readsWhatTorchSaved() throws Exception {
    Path file = FIXTURE.resolve("dec_m_0.ckpt");

    Map<String, StoredTensor> tensors = TorchZip.read(file);

    assertThat(tensors).hasSize(56);
    StoredTensor weight = tensors.get("module.main.3.conv.weight");
    assertThat(weight.shape()).isEqualTo(new Shape(24, 24, 3, 3));
    assertThat(weight.dtype()).isEqualTo(Dtype.F32);
    assertThat(tensors.get("module.main.1.bn.num_batches_tracked").dtype()).isEqualTo(Dtype.I64);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      byte[] record = zip.getInputStream(zip.getEntry("dec_m_0/data/9")).readAllBytes();
      byte[] read = new byte[record.length];
      weight.data().get(read);
      assertThat(read).isEqualTo(record);
    }
  }

  @Test
  void readsViewsOfOneStorage() {
    Path file =
        new TorchFile()
            .ops("}(")
            .text("whole")
            .tensor("0", 6, 0, new int[] {2, 3}, new int[] {3, 1})
            .text("transposed")
            .tensor("0", 6, 0, new int[] {3, 2}, new int[] {1, 3})
            .text("second row")
            .tensor("0", 6, 3, new int[] {3}, new int[] {1})
            .text("second column")
            .tensor("0", 6, 1, new int[] {2}, new int[] {3})
            .text("scalar")
            .tensor("0", 6, 5, new int[] {}, new int[] {})
            .text("nothing")
            .tensor("0", 6, 0, new int[] {0, 3}, new int[] {3, 1})
            .ops("u.")
            .floats("0", 1, 2, 3, 4, 5, 6)
            .write(folder.resolve("views"));

    Map<String, StoredTensor> tensors = TorchZip.read(file);

    assertThat(floats(tensors.get("whole"))).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(floats(tensors.get("transposed"))).containsExactly(1, 4, 2, 5, 3, 6);
    assertThat(floats(tensors.get("second row"))).containsExactly(4, 5, 6);
    assertThat(floats(tensors.get("second column"))).containsExactly(2, 5);
    assertThat(floats(tensors.get("scalar"))).containsExactly(6);
    assertThat(floats(tensors.get("nothing"))).isEmpty();
  }

  @Test
  void acceptsAnOrderedDictWithPlainValuesAndLayerVersions() {
    Path file =
        new TorchFile()
            .global("collections", "OrderedDict")
            .ops(")R(")
            .text("steps")
            .integer(73999)
            .text("name")
            .text("x")
            .text("w")
            .tensor("0", 1, 0, new int[] {1}, new int[] {1})
            .ops("u}")
            .text("_metadata")
            .global("collections", "OrderedDict")
            .ops(")Rsb.")
            .floats("0", 7)
            .write(folder.resolve("ordered"));

    assertThat(TorchZip.read(file)).containsOnlyKeys("w");
  }

  static Stream<Arguments> hostilePickles() {
    return Stream.of(
        Arguments.of(
            "import of os.system",
            new TorchFile().ops("cos\nsystem\n(").text("touch /tmp/x").ops("tR.")),
        Arguments.of(
            "import of builtins.eval",
            new TorchFile().ops("cbuiltins\neval\n(").text("1").ops("tR.")),
        Arguments.of(
            "import of torch._utils._rebuild_parameter",
            new TorchFile().ops("ctorch._utils\n_rebuild_parameter\n.")),
        Arguments.of("opcode 0x69", new TorchFile().ops("(").text("x").ops("ios\nsystem\n.")),
        Arguments.of("opcode 0x6f", new TorchFile().ops("(ccollections\nOrderedDict\no.")),
        Arguments.of("opcode 0x81", new TorchFile().ops("ccollections\nOrderedDict\n)").ops(0x81)),
        Arguments.of("opcode 0x93", new TorchFile().text("os").text("system").ops(0x93)),
        Arguments.of("opcode 0x82", new TorchFile().ops(0x82, 1)),
        Arguments.of("call of a plain value", new TorchFile().text("x").ops(")R.")),
        Arguments.of(
            "call of collections.OrderedDict with 1",
            new TorchFile().ops("ccollections\nOrderedDict\n]").ops(0x85).ops("R.")),
        Arguments.of(
            "call of torch.FloatStorage", new TorchFile().ops("ctorch\nFloatStorage\n)R.")),
        Arguments.of(
            "attributes for a tensor",
            new TorchFile().tensor("0", 1, 0, new int[] {1}, new int[] {1}).ops("}b.")),
        Arguments.of("persistent id", new TorchFile().text("x").ops("Q.")),
        Arguments.of("entry 'x' is a sequence", new TorchFile().ops("}").text("x").ops("]s.")),
        Arguments.of(
            "entry 'x' is collections.OrderedDict",
            new TorchFile().ops("}").text("x").ops("ccollections\nOrderedDict\ns.")),
        Arguments.of(
            "a dict's key is a plain value",
            new TorchFile().ops("}").integer(1).integer(1).ops("s.")),
        Arguments.of("must hold a dict", new TorchFile().ops("].")),
        Arguments.of("takes more values", new TorchFile().ops("R.")),
        Arguments.of("takes more values", new TorchFile().ops("u.")),
        Arguments.of("memo 9", new TorchFile().ops("h\t.")),
        Arguments.of(
            "a string claims 4294967295 bytes", new TorchFile().ops("X").ops(255, 255, 255, 255)),
        Arguments.of("an integer has 200 bytes", new TorchFile().ops(0x8A, 200)),
        Arguments.of("ends in the middle", new TorchFile().ops("}")),
        Arguments.of("protocol is 4", new TorchFile().ops(0x80, 4)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostilePickles")
  void refusesByNameWhatIsNoStateDict(String complaint, TorchFile hostile) {
    Path file = hostile.floats("0", 1).write(folder.resolve("hostile.ckpt"));

    assertThatThrownBy(() -> TorchZip.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("hostile.ckpt")
        .hasMessageContaining(complaint);
  }

  static Stream<Arguments> viewsOutside() {
    int max = Integer.MAX_VALUE;
    return Stream.of(
        Arguments.of(6, 0, new int[] {7}, new int[] {1}),
        Arguments.of(6, 6, new int[] {1}, new int[] {1}),
        Arguments.of(6, -1, new int[] {1}, new int[] {1}),
        Arguments.of(6, 0, new int[] {-1}, new int[] {1}),
        Arguments.of(6, 5, new int[] {2}, new int[] {-1}),
        Arguments.of(6, 0, new int[] {2, 3}, new int[] {3}),
        Arguments.of(6, 0, new int[] {2, 3}, new int[] {4, 1}),
        Arguments.of(6, 0, new int[] {max}, new int[] {0}),
        Arguments.of(6, 0, new int[] {max, max, max}, new int[] {0, 0, 0}),
        Arguments.of(6, 0, new int[] {2, 2}, new int[] {max, max}),
        Arguments.of(5, 0, new int[] {1}, new int[] {1}),
        Arguments.of(max, 0, new int[] {1}, new int[] {1}),
        Arguments.of(-6, 0, new int[] {0}, new int[] {1}));
  }

  @ParameterizedTest
  @MethodSource("viewsOutside")
  void refusesViewsBeyondTheStorage(int elements, int offset, int[] shape, int[] strides) {
    Path file =
        new TorchFile()
            .ops("}")
            .text("w")
            .tensor("0", elements, offset, shape, strides)
            .ops("s.")
            .floats("0", 1, 2, 3, 4, 5, 6)
            .write(folder.resolve("outside"));

    assertThatThrownBy(() -> TorchZip.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tensor w: expected");
  }

  @Test
  void refusesCompressedRecords() {
    Path file =
        new TorchFile()
            .ops("}.")
            .record("data/0", new byte[1 << 20])
            .compressed()
            .write(folder.resolve("bomb"));

    assertThatThrownBy(() -> TorchZip.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is compressed");
  }

  @Test
  void refusesBigEndianFiles() {
    Path file =
        new TorchFile()
            .ops("}.")
            .record("byteorder", new byte[] {98, 105, 103})
            .write(folder.resolve("big"));

    assertThatThrownBy(() -> TorchZip.read(file)).hasMessageContaining("byte order");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 30, 1000, 20_000, 21_600})
  void refusesTruncatedFiles(int length) throws Exception {
    byte[] whole = Files.readAllBytes(FIXTURE.resolve("enc_c.ckpt"));
    Path file = Files.write(folder.resolve("cut"), Arrays.copyOf(whole, length));

    assertThatThrownBy(() -> TorchZip.read(file)).isInstanceOf(CheckpointException.class);
  }

  @Test
  void namesAMissingFile() {
    assertThatThrownBy(() -> TorchZip.read(folder.resolve("absent")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no such file");
  }

  private static float[] floats(StoredTensor tensor) {
    float[] values = new float[(int) tensor.shape().size()];
    tensor.data().asFloatBuffer().get(values);
    return values;
  }
}
