package dev.utter.speech.torch.program;

import java.util.Arrays;
import java.util.Locale;

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

  /**
   * The type with libtorch's number.
   *
   * @throws IllegalArgumentException if programs do not name it
   */
  public static TensorType of(long code) {
    return Arrays.stream(values())
        .filter(type -> type.code == code)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no type has the number " + code));
  }

  /** Its name in torch. */
  public String torchName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }
}
