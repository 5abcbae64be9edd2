package dev.utter.speech.torch;

import dev.utter.speech.failure.EngineBrokenException;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Distinguishes a device that is lost to this process from a failed call. After an error of CUDA
 * every further call fails until the process ends. The error may show in a later call than the one
 * that caused it. Running out of memory is no such error: libtorch refuses the one allocation and
 * goes on.
 */
public final class DeviceLoss {

  /** How errors of CUDA and its libraries begin, anywhere in libtorch's message. */
  private static final Pattern LOST =
      Pattern.compile(
          "CUDA error: |CUDA driver error: |CUBLAS_STATUS_|CUDNN_STATUS_|CUFFT_|cuDNN error: ");

  private DeviceLoss() {}

  /** Whether this or something that caused it is an error of CUDA. */
  public static boolean isBehind(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof EngineBrokenException
          || cause.getMessage() != null && LOST.matcher(cause.getMessage()).find()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Runs work on a device.
   *
   * @throws EngineBrokenException if the device is lost
   */
  public static <T> T watch(Supplier<T> work) {
    try {
      return work.get();
    } catch (EngineBrokenException e) {
      throw e;
    } catch (RuntimeException e) {
      if (isBehind(e)) {
        throw new EngineBrokenException("the device is lost: " + e.getMessage(), e);
      }
      throw e;
    }
  }
}
