package dev.utter.benchmarks.profile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.measure.Machine;
import dev.utter.benchmarks.measure.Numbers;
import dev.utter.benchmarks.profile.StepProfile.Share;
import dev.utter.benchmarks.profile.trace.DeviceWork.Kind;
import java.util.Optional;

/**
 * Where the time of a step goes.
 *
 * @param settings settings of the measurement
 * @param model name of the model
 * @param whyNoGraphs why steps were not replayed from CUDA graphs; empty if they were
 * @param stepMillis time of each step that was not recorded
 * @param profile of the recorded ones
 * @param device work of a GPU for the recorded steps; only with a GPU and the native library
 * @param bytesPerStep bytes that a step has to read
 * @param bandwidth bandwidth of the memory for reads, bytes per second
 */
record ProfileResult(
    ProfileSettings settings,
    String model,
    Optional<String> whyNoGraphs,
    double[] stepMillis,
    StepProfile profile,
    Optional<DeviceProfile> device,
    double bytesPerStep,
    double bandwidth) {

  private static final double MILLIS = 1e3;
  private static final int OPERATORS_SHOWN = 16;

  /** Median time of a step that was not recorded. */
  double millis() {
    return Numbers.median(stepMillis);
  }

  /** Time that a step would take if it only read its bytes. */
  double boundMillis() {
    return bytesPerStep / bandwidth * MILLIS;
  }

  /** Share of the memory's bandwidth that a step uses. */
  double bandwidthShare() {
    return boundMillis() / millis();
  }

  double recordedMillis() {
    return profile.recordedMicros() / MILLIS;
  }

  /** One line of the report. */
  ObjectNode toJson() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("benchmark", "profile");
    line.put("model", model);
    line.put("device", settings.engine().device());
    line.put("precision", settings.engine().precision().name());
    line.put("batch", settings.batch());
    line.put("context", settings.context());
    line.put("steps", settings.steps());
    line.put("graphs", whyNoGraphs.map(why -> "not used: " + why).orElse("used"));
    line.put("stepMillis", Numbers.shown(millis()));
    line.put("recordedStepMillis", Numbers.shown(recordedMillis()));
    line.put("operators", Math.round(profile.operators()));
    line.put("nestedCalls", Math.round(profile.calls()));
    line.put("workingOperators", Math.round(profile.kernels()));
    profile.categories().values().forEach(share -> put(line.withArray("categories"), share));
    profile.heaviest().stream()
        .limit(OPERATORS_SHOWN)
        .forEach(share -> put(line.withArray("heaviest"), share));
    device.ifPresent(work -> put(line.putObject("deviceWork"), work));
    line.put("bytesPerStep", Math.round(bytesPerStep));
    line.put("bandwidthBytesPerSecond", Math.round(bandwidth));
    line.put("boundMillis", Numbers.shown(boundMillis()));
    line.put("bandwidthShare", Numbers.shown(bandwidthShare()));
    Machine.describe(line.putObject("machine"));
    return line;
  }

  private static void put(ObjectNode node, DeviceProfile device) {
    node.put("kernels", Numbers.shown(device.kernels()));
    node.put("launches", Numbers.shown(device.launches()));
    node.put("hostToDeviceCopies", Numbers.shown(device.copies(Kind.HOST_TO_DEVICE)));
    node.put("deviceToHostCopies", Numbers.shown(device.copies(Kind.DEVICE_TO_HOST)));
    node.put("deviceToDeviceCopies", Numbers.shown(device.copies(Kind.DEVICE_TO_DEVICE)));
    node.put("fills", Numbers.shown(device.copies(Kind.FILL)));
    node.put("synchronisations", Numbers.shown(device.synchronisations()));
    node.put("busyMillis", Numbers.shown(device.busyMicros() / MILLIS));
    node.put("spanMillis", Numbers.shown(device.spanMicros() / MILLIS));
    device.categories().values().forEach(share -> put(node.withArray("categories"), share));
    ObjectNode gaps = node.putObject("gaps");
    gaps.put("count", Numbers.shown(device.gaps().count()));
    gaps.put("millis", Numbers.shown(device.gaps().micros() / MILLIS));
    gaps.put("share", Numbers.shown(device.gaps().share()));
    gaps.put("p50Micros", Numbers.shown(device.gaps().medianMicros()));
    gaps.put("p95Micros", Numbers.shown(device.gaps().p95Micros()));
  }

  private static void put(ArrayNode array, Share share) {
    ObjectNode node = array.addObject();
    node.put("name", share.name());
    node.put("calls", Numbers.shown(share.calls()));
    node.put("millis", Numbers.shown(share.micros() / MILLIS));
    node.put("share", Numbers.shown(share.share()));
  }
}
