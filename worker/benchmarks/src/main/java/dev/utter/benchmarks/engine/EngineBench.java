package dev.utter.benchmarks.engine;

import dev.utter.benchmarks.engine.peer.Peer;
import dev.utter.benchmarks.engine.peer.PeerDtype;
import dev.utter.benchmarks.engine.peer.PeerSide;
import dev.utter.benchmarks.measure.FrameTraffic;
import dev.utter.benchmarks.measure.ModelSource;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.MemoryBandwidth;
import dev.utter.speech.torch.TorchEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Measures the engine, and the peer turn by turn with it, so that a noisy machine hurts both.
 *
 * <p>Threading: one thread at a time.
 */
final class EngineBench {
  /** Far beyond any cache, and soon read. */
  private static final long BANDWIDTH_BUFFER = 1L << 30;

  private static final int WARM_UP_FRAMES = 3;

  private final EngineBenchSettings settings;
  private final ModelSource source;
  private final Consumer<String> progress;
  private final Consumer<EngineResult> results;

  /** The peer's rounds at batch 1, by context: what one stream of it gives. */
  private final Map<Integer, Double> peerAlone = new HashMap<>();

  /** The best that was measured, again before each precision. */
  private double bandwidth;

  EngineBench(
      EngineBenchSettings settings,
      ModelSource source,
      Consumer<String> progress,
      Consumer<EngineResult> results) {
    this.settings = settings;
    this.source = source;
    this.progress = progress;
    this.results = results;
  }

  /** Runs all settings; each result is given away as soon as it is there. */
  void run() {
    if (settings.peerPython().isEmpty()) {
      settings.precisions().forEach(precision -> measure(precision, Optional.empty()));
      return;
    }
    try (Peer peer = startPeer(settings.peerPython().get())) {
      settings.precisions().forEach(precision -> measure(precision, Optional.of(peer)));
    }
  }

  private void measureBandwidth() {
    progress.accept("measuring the memory's bandwidth");
    try (MemoryBandwidth memory =
        MemoryBandwidth.prepare(engine(Precision.FLOAT32), BANDWIDTH_BUFFER)) {
      bandwidth = Math.max(bandwidth, memory.bytesPerSecond());
    }
  }

  private Peer startPeer(String python) {
    progress.accept("starting the peer");
    Peer peer =
        Peer.start(
            python,
            settings.device(),
            settings.threadCount(),
            source.checkpoint().config().codebooks());
    try {
      for (PeerDtype dtype : PeerDtype.values()) {
        progress.accept("the peer loads " + source.name() + " as " + dtype);
        peer.load(dtype, source);
      }
      return peer;
    } catch (RuntimeException e) {
      peer.close();
      throw e;
    }
  }

  private void measure(Precision precision, Optional<Peer> peer) {
    measureBandwidth();
    progress.accept("loading " + source.name() + " as " + precision);
    ProcessMemory.forgetPeak();
    OptionalLong before = engine(precision).usedDeviceBytes();
    try (OwnModel own = OwnModel.load(engine(precision), source, settings.graphs())) {
      for (int context : settings.contexts()) {
        for (int batch : settings.batches()) {
          EngineSetting setting = new EngineSetting(precision, batch, context);
          results.accept(measure(setting, own, peer, before));
        }
      }
    }
  }

  private EngineResult measure(
      EngineSetting setting, OwnModel own, Optional<Peer> peer, OptionalLong deviceBytesBefore) {
    Prompts prompts =
        Prompts.draw(source.checkpoint().config(), setting.context(), setting.batch());
    Optional<PeerSide> other = peer.map(it -> new PeerSide(it, prompts, settings.audio()));
    List<OwnModel.OwnTurn> turns = new ArrayList<>();
    List<OwnModel.FirstFrame> firstFrames = new ArrayList<>();
    BusyProcesses busy = BusyProcesses.start(settings.busy());
    try (busy) {
      progress.accept(setting + ": warming up");
      own.generate(prompts, WARM_UP_FRAMES, settings.audio());
      other.ifPresent(PeerSide::warmUp);
      for (int round = 1; round <= settings.rounds(); round++) {
        turns.add(own.generate(prompts, settings.frames(), settings.audio()));
        other.ifPresent(it -> it.turn(settings.frames()));
        if (setting.context() > 0) {
          firstFrames.add(own.firstFrame(prompts));
        }
        progress.accept(
            String.format(
                Locale.ROOT,
                "%s: round %d of %d, %.2f frames/s a stream%s",
                setting,
                round,
                settings.rounds(),
                turns.get(turns.size() - 1).turn().framesPerSecond(),
                other.map(EngineBench::described).orElse("")));
      }
    }
    if (setting.batch() == 1) {
      other.ifPresent(it -> peerAlone.put(setting.context(), it.median(it.best())));
    }
    return new EngineResult(
        setting,
        settings,
        source,
        bandwidth,
        FrameTraffic.Widths.of(engine(setting.precision())),
        own.kernels(),
        own.whyNoGraphs(),
        turns,
        firstFrames,
        memory(setting, own, deviceBytesBefore),
        marking(setting, turns),
        peer,
        other,
        Optional.ofNullable(peerAlone.get(setting.context())));
  }

  private EngineMemoryUse memory(EngineSetting setting, OwnModel own, OptionalLong before) {
    OptionalLong now = engine(setting.precision()).usedDeviceBytes();
    return new EngineMemoryUse(
        own.slotBytes(),
        ProcessMemory.peakBytes(),
        now.isPresent() && before.isPresent()
            ? OptionalLong.of(now.getAsLong() - before.getAsLong())
            : OptionalLong.empty());
  }

  private Optional<MarkingResult> marking(EngineSetting setting, List<OwnModel.OwnTurn> turns) {
    TorchEngine engine = engine(setting.precision());
    Optional<Marker> loaded =
        settings.randomWatermark()
            ? Optional.of(Marker.random(engine))
            : settings.watermark().map(folder -> Marker.load(engine, folder));
    return loaded.map(
        marker -> {
          progress.accept(setting + ": marking and checking");
          try (marker) {
            return marker.measure(turns.get(0).clips());
          }
        });
  }

  private static String described(PeerSide peer) {
    return String.format(
        Locale.ROOT, "; peer %.2f (%s)", peer.median(peer.best()), peer.best().torchName());
  }

  private TorchEngine engine(Precision precision) {
    return TorchEngine.start(settings.engine(precision));
  }
}
