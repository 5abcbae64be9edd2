package dev.utter.speech.torch;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Instruction sets of the CPU operators' products, which all give equal bits. The codes are those
 * of {@code src/main/cpp/cpu/constants.h}.
 */
public enum CpuIsa {
  AVX2(1),
  AVXVNNI(2),
  AVX512VNNI(3),
  /** For 4 rows and more; fewer are multiplied as with {@link #AVX512VNNI}. Not measured yet. */
  AMX(4),
  /** Of all 64-bit processors of Arm. No set of Arm was measured yet. */
  NEON(5),
  DOTPROD(6),
  I8MM(7);

  /** The environment variable that forces one of them. */
  public static final String VARIABLE = "UTTER_CPU_ISA";

  /** The code that names none of them: the fastest is used. */
  static final int ANY = 0;

  private final int code;

  CpuIsa(int code) {
    this.code = code;
  }

  /** The one that all supported processors of this machine's kind have. */
  public static CpuIsa least() {
    return System.getProperty("os.arch").equals("aarch64") ? NEON : AVX2;
  }

  int code() {
    return code;
  }

  /** The one with this code. */
  static Optional<CpuIsa> of(long code) {
    return Arrays.stream(values()).filter(isa -> isa.code == code).findFirst();
  }

  /**
   * The one that {@link #VARIABLE} names, in any case.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static CpuIsa parse(String name) {
    return Arrays.stream(values())
        .filter(isa -> isa.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    VARIABLE
                        + " is '"
                        + name
                        + "', must be one of "
                        + Arrays.stream(values())
                            .map(isa -> isa.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "))));
  }
}
