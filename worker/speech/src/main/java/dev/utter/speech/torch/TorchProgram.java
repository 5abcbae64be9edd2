package dev.utter.speech.torch;

import ai.djl.MalformedModelException;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtModel;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import dev.utter.speech.torch.program.ProgramArchive;
import dev.utter.speech.torch.program.ProgramArguments;
import dev.utter.speech.torch.program.ProgramConstants;
import dev.utter.speech.torch.program.ProgramSources;
import dev.utter.speech.torch.program.TensorType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A numeric program in TorchScript source, compiled by libtorch when loaded, like a shader. Source
 * files are resources under {@code dev/utter/speech/torchscript}. A file that a program refers to,
 * as in {@code __torch__.csm.norm.eps_tail(...)}, is loaded with it. {@code docs/torchscript.md}
 * has the rules of the dialect.
 *
 * <p>Threading: methods that do not assign attributes may run on several threads at once.
 */
public final class TorchProgram implements AutoCloseable {

  private static final String FOLDER = "/dev/utter/speech/torchscript/";

  /** libtorch keeps both switches per thread. */
  private static final ThreadLocal<Boolean> PREPARED = new ThreadLocal<>();

  private final String name;
  private final PtModel model;
  private final PtSymbolBlock block;

  private TorchProgram(String name, PtModel model) {
    this.name = name;
    this.model = model;
    this.block = (PtSymbolBlock) model.getBlock();
  }

  /**
   * Compiles the program {@code NAME.py} from the resources.
   *
   * @throws IllegalStateException if libtorch refuses the source; the message has its error
   */
  public static TorchProgram load(TorchEngine engine, String name) {
    return load(engine, name, Map.of(), Map.of());
  }

  /**
   * Compiles the program {@code NAME.py} from the resources.
   *
   * @param replacements resources that take the place of files that the program refers to, by the
   *     files' names
   * @param constants numbers by the names, in capitals, that stand for them in these sources;
   *     {@link TensorType} is always known
   * @throws IllegalArgumentException if a source names an unknown constant
   * @throws IllegalStateException if libtorch refuses the source; the message has its error
   */
  public static TorchProgram load(
      TorchEngine engine,
      String name,
      Map<String, String> replacements,
      Map<String, Integer> constants) {
    return compile(
        engine, name, sources(source(name), replacements, new ProgramConstants(constants)));
  }

  private static ProgramSources sources(
      String main, Map<String, String> replacements, ProgramConstants constants) {
    return ProgramSources.collect(
        constants.substitute(main),
        replacements,
        resource -> constants.substitute(source(resource)));
  }

  private static String source(String name) {
    String path = FOLDER + name + ".py";
    try (InputStream in = TorchProgram.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + path);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Compiles source text.
   *
   * @param name for error messages
   * @param source may name tensor types, see {@link TensorType}
   * @throws IllegalStateException if libtorch refuses the source; the message has its error
   */
  public static TorchProgram compile(TorchEngine engine, String name, String source) {
    return compile(engine, name, sources(source, Map.of(), new ProgramConstants(Map.of())));
  }

  private static TorchProgram compile(TorchEngine engine, String name, ProgramSources sources) {
    PtModel model =
        (PtModel) ai.djl.Model.newInstance("torchscript-" + name, engine.device(), "PyTorch");
    try {
      model.load(new ByteArrayInputStream(ProgramArchive.pack(sources)), Map.of());
      TorchProgram program = new TorchProgram(name, model);
      NativeMemory.opened();
      return program;
    } catch (IOException | MalformedModelException | EngineException e) {
      model.close();
      throw new IllegalStateException("TorchScript program " + name + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Runs a method.
   *
   * @param owner scope that will own the results
   * @param method name of the method
   * @param arguments in order: {@link NDArray} (Tensor), Integer or Long (int), Float or Double
   *     (float), Boolean, String, {@code long[]}, {@code double[]}, {@link NDList} (List[Tensor])
   *     or {@code Map<String, NDArray>} (Dict[str, Tensor])
   * @return the tensors the method returned: one for a Tensor, several for a list or tuple of them,
   *     none for None
   * @throws IllegalStateException if the method fails; the message has libtorch's error
   * @throws dev.utter.speech.failure.EngineBrokenException if it fails because the device is lost
   */
  public NDList run(NDManager owner, String method, Object... arguments) {
    try (IValue result = invoked(method, arguments)) {
      if (result.isTensor() || result.isTensorList() || result.isTuple() || result.isList()) {
        return result.toNDList((PtNDManager) owner);
      }
      return new NDList();
    }
  }

  /** Runs a method that returns an int; see {@link #run}. */
  public long runLong(String method, Object... arguments) {
    try (IValue result = invoked(method, arguments)) {
      return result.toLong();
    }
  }

  /** Runs a method that returns {@code List[int]}; see {@link #run}. */
  long[] runLongs(String method, Object... arguments) {
    try (IValue result = invoked(method, arguments)) {
      return result.toLongArray();
    }
  }

  /** Runs a method that returns a str; see {@link #run}. */
  String runText(String method, Object... arguments) {
    try (IValue result = invoked(method, arguments)) {
      return result.toStringValue();
    }
  }

  private IValue invoked(String method, Object... arguments) {
    return DeviceLoss.watch(() -> invoke(method, arguments));
  }

  private IValue invoke(String method, Object... arguments) {
    prepareThread();
    IValue[] values = new IValue[arguments.length];
    try {
      for (int i = 0; i < values.length; i++) {
        values[i] = ProgramArguments.toIValue(arguments[i]);
      }
      return IValueUtils.runMethod(block, method, values);
    } catch (EngineException e) {
      throw new IllegalStateException(
          "TorchScript program " + name + ", method " + method + ": " + e.getMessage(), e);
    } finally {
      for (IValue value : values) {
        if (value != null) {
          value.close();
        }
      }
    }
  }

  private static void prepareThread() {
    if (PREPARED.get() == null) {
      JniUtils.setGradMode(false);
      JniUtils.setGraphExecutorOptimize(false);
      PREPARED.set(true);
    }
  }

  /** Frees the module and the weights it holds. */
  @Override
  public void close() {
    model.close();
    NativeMemory.closed();
  }
}
