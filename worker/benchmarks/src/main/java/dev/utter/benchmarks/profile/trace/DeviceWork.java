package dev.utter.benchmarks.profile.trace;

/**
 * One kernel, copy or fill of a device.
 *
 * @param kind kind of work
 * @param name of the kernel, or what was copied from where to where
 * @param startMicros start, from the beginning of the trace
 * @param durationMicros duration
 * @param correlation number of the {@link RuntimeCall} that started it
 * @param operator id of the {@link Call} that started it; {@link Call#NONE} if not known
 */
public record DeviceWork(
    Kind kind,
    String name,
    double startMicros,
    double durationMicros,
    long correlation,
    long operator) {

  public enum Kind {
    KERNEL,
    HOST_TO_DEVICE,
    DEVICE_TO_HOST,
    DEVICE_TO_DEVICE,
    FILL;

    /** The kind of a copy by its name in the trace: {@code Memcpy HtoD (Pageable -> Device)}. */
    static Kind ofCopy(String name) {
      if (name.contains("HtoD")) {
        return HOST_TO_DEVICE;
      }
      return name.contains("DtoH") ? DEVICE_TO_HOST : DEVICE_TO_DEVICE;
    }
  }

  public double endMicros() {
    return startMicros + durationMicros;
  }
}
