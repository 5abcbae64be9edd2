package dev.utter.benchmarks.profile.trace;

/**
 * One thing a device did.
 *
 * @param kind what it was
 * @param name of the kernel, or what was copied from where to where
 * @param startMicros from the trace's own beginning
 * @param durationMicros how long it took
 * @param correlation number of the {@link RuntimeCall} that ordered it
 * @param operator id of the {@link Call} it was ordered by; {@link Call#NONE} if not known
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

    /** Of a copy, by what the trace calls it: {@code Memcpy HtoD (Pageable -> Device)}. */
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
