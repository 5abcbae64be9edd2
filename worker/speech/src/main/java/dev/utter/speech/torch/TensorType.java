package dev.utter.speech.torch;

/** The types of tensors that TorchScript programs name, with libtorch's numbers. */
public enum TensorType {
  INT8(1),
  INT32(3),
  INT64(4),
  FLOAT16(5),
  FLOAT32(6),
  FLOAT64(7),
  BOOL(11),
  QINT8(12),
  BFLOAT16(15);

  private final int code;

  TensorType(int code) {
    this.code = code;
  }

  /** libtorch's number, {@code c10::ScalarType}. */
  public int code() {
    return code;
  }
}
