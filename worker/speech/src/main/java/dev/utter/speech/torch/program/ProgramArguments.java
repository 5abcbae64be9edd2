package dev.utter.speech.torch.program;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.HashMap;
import java.util.Map;

/** Turns Java values into the values TorchScript methods take. */
public final class ProgramArguments {

  private ProgramArguments() {}

  /** The caller closes the result; tensors are shared with it, not copied. */
  public static IValue toIValue(Object argument) {
    if (argument instanceof PtNDArray array) {
      return IValue.from(array);
    } else if (argument instanceof Integer || argument instanceof Long) {
      return IValue.from(((Number) argument).longValue());
    } else if (argument instanceof Float || argument instanceof Double) {
      return IValue.from(((Number) argument).doubleValue());
    } else if (argument instanceof Boolean flag) {
      return IValue.from(flag);
    } else if (argument instanceof String text) {
      return IValue.from(text);
    } else if (argument instanceof long[] longs) {
      return IValue.listFrom(longs);
    } else if (argument instanceof double[] doubles) {
      return IValue.listFrom(doubles);
    } else if (argument instanceof NDList list) {
      return IValue.listFrom(list.stream().toArray(PtNDArray[]::new));
    } else if (argument instanceof Map<?, ?> map) {
      return fromMap(map);
    }
    throw new IllegalArgumentException(
        "cannot pass " + (argument == null ? "null" : argument.getClass()) + " to TorchScript");
  }

  private static IValue fromMap(Map<?, ?> map) {
    Map<String, PtNDArray> arrays = new HashMap<>();
    map.forEach((key, value) -> arrays.put((String) key, (PtNDArray) (NDArray) value));
    return IValue.stringMapFrom(arrays);
  }
}
