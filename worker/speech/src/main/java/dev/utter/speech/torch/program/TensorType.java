package dev.utter.speech.torch.program;

/** The types of tensors that TorchScript programs name, with libtorch's numbers. */
public enum TensorType {
  INT8(1, 1),
  INT32(3, 4),
  INT64(4, 8),
  FLOAT16(5, 2),
  FLOAT32(6, 4),
  FLOAT64(7, 8),
  BOOL(11, 1),
  QINT8(12, 1),
  BFLOAT16(15, 2);

  private final int code;
  private final int bytes;

  TensorType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** libtorch's number, {@code c10::ScalarType}. */
  public int code() {
    return code;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }
}
