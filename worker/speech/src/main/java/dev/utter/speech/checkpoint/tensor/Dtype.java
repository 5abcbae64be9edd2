package dev.utter.speech.checkpoint.tensor;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Element types of stored tensors, spelled as in safetensors headers. */
public enum Dtype {
  F64(8, DataType.FLOAT64),
  F32(4, DataType.FLOAT32),
  F16(2, DataType.FLOAT16),
  BF16(2, DataType.BFLOAT16),
  I64(8, DataType.INT64),
  I32(4, DataType.INT32),
  I16(2, DataType.INT16),
  I8(1, DataType.INT8),
  U8(1, DataType.UINT8),
  BOOL(1, DataType.BOOLEAN);

  private final int bytes;
  private final DataType dataType;

  Dtype(int bytes, DataType dataType) {
    this.bytes = bytes;
    this.dataType = dataType;
  }

  /** Size of one element in bytes. */
  int bytes() {
    return bytes;
  }

  /** Whether elements are floating-point numbers. */
  public boolean isFloating() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /** Its name in torch, as in config.json. */
  public String torchName() {
    return dataType == DataType.BOOLEAN ? "bool" : dataType.name().toLowerCase(Locale.ROOT);
  }

  DataType dataType() {
    return dataType;
  }

  /** The type with a name in torch; empty if there is none in files. */
  public static Optional<Dtype> ofTorchName(String name) {
    return Arrays.stream(values()).filter(dtype -> dtype.torchName().equals(name)).findFirst();
  }

  static Optional<Dtype> named(String name) {
    return Arrays.stream(values()).filter(dtype -> dtype.name().equals(name)).findFirst();
  }
}
