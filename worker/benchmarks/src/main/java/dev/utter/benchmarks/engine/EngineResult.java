package dev.utter.benchmarks.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.engine.OwnModel.FirstFrame;
import dev.utter.benchmarks.engine.OwnModel.OwnTurn;
import dev.utter.benchmarks.engine.peer.Peer;
import dev.utter.benchmarks.engine.peer.PeerDtype;
import dev.utter.benchmarks.engine.peer.PeerSide;
import dev.utter.benchmarks.measure.FrameTraffic;
import dev.utter.benchmarks.measure.Machine;
import dev.utter.benchmarks.measure.ModelSource;
import dev.utter.benchmarks.measure.Numbers;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.benchmarks.measure.Turn;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.config.CsmConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What was measured in one setting.
 *
 * @param setting which
 * @param settings of the whole run
 * @param source the model
 * @param bandwidth bytes per second this machine's memory can be read with
 * @param widths bytes of the model's numbers
 * @param kernels how matrices are stored and multiplied by
 * @param whyNoGraphs why steps were not replayed from CUDA graphs; nothing if they were
 * @param turns of this engine, round by round
 * @param firstFrames times to one prompt's first frame, round by round; empty without context
 * @param memory what it took
 * @param marking what mark and check of a clip took; nothing without the networks
 * @param peer the peer's process
 * @param other the peer's turns
 * @param peerAlone frames per second of the peer's single stream in the same context
 */
record EngineResult(
    EngineSetting setting,
    EngineBenchSettings settings,
    ModelSource source,
    double bandwidth,
    FrameTraffic.Widths widths,
    SortedMap<String, String> kernels,
    Optional<String> whyNoGraphs,
    List<OwnTurn> turns,
    List<FirstFrame> firstFrames,
    EngineMemoryUse memory,
    Optional<MarkingResult> marking,
    Optional<Peer> peer,
    Optional<PeerSide> other,
    Optional<Double> peerAlone) {

  private static final double MILLIS = 1e3;

  /** Frames per second and stream, round by round. */
  double[] rates() {
    return turns.stream().mapToDouble(own -> own.turn().framesPerSecond()).toArray();
  }

  double framesPerSecond() {
    return Numbers.median(rates());
  }

  /** Seconds of sound per second, all streams together. */
  double audioSecondsPerSecond() {
    return framesPerSecond() * setting.batch() / source.checkpoint().config().codec().frameRate();
  }

  double stepMillis(double share) {
    double[] steps =
        turns.stream().flatMapToDouble(own -> DoubleStream.of(own.turn().stepSeconds())).toArray();
    return Numbers.percentile(steps, share) * MILLIS;
  }

  double firstFrameMillis() {
    return medianMillis(own -> own.turn().secondsToFirstFrame());
  }

  double prefillMillis() {
    return medianMillis(OwnTurn::prefillSeconds);
  }

  private static double medianMillis(List<FirstFrame> all, ToDoubleFunction<FirstFrame> seconds) {
    return Numbers.median(all.stream().mapToDouble(seconds).toArray()) * MILLIS;
  }

  private double medianMillis(ToDoubleFunction<OwnTurn> seconds) {
    return Numbers.median(turns.stream().mapToDouble(seconds).toArray()) * MILLIS;
  }

  /** Bytes a step in the middle of a turn has to read. */
  double bytesPerStep() {
    CsmConfig config = source.checkpoint().config();
    double positions = setting.context() + Prompts.SENTENCE + settings.frames() / 2.0;
    return FrameTraffic.of(config, widths).bytesPerStep(setting.batch(), positions);
  }

  /** Share of the memory's bandwidth that the median step uses. */
  double bandwidthShare() {
    return bytesPerStep() / (stepMillis(0.5) / MILLIS) / bandwidth;
  }

  /** Median over the rounds of this engine's rate by the peer's best, of the same round. */
  Optional<Double> ratio() {
    return other.map(
        side -> {
          double[] own = rates();
          double[] others = side.rates(side.best());
          return Numbers.median(
              IntStream.range(0, own.length).mapToDouble(i -> own[i] / others[i]).toArray());
        });
  }

  /** All streams together by one stream of the peer. */
  Optional<Double> ratioToPeerAlone() {
    return peerAlone.map(rate -> framesPerSecond() * setting.batch() / rate);
  }

  /** Share of the codes that are the peer's 32-bit ones; nothing unless both have one model. */
  Optional<Double> sameCodes() {
    return other
        .filter(side -> source.folder().isPresent())
        .map(side -> side.turns(PeerDtype.FLOAT32))
        .filter(others -> !others.isEmpty())
        .map(others -> sameCodes(turns.get(0).turn().codes(), others.get(0).codes()));
  }

  private static double sameCodes(List<AudioCodes> own, List<AudioCodes> others) {
    int[] ours = own.stream().flatMapToInt(codes -> Arrays.stream(codes.values())).toArray();
    int[] theirs = others.stream().flatMapToInt(codes -> Arrays.stream(codes.values())).toArray();
    long same = IntStream.range(0, ours.length).filter(i -> ours[i] == theirs[i]).count();
    return (double) same / ours.length;
  }

  /** One line of the report. */
  ObjectNode toJson() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("benchmark", "engine");
    line.put("model", source.name());
    line.put("precision", setting.precision().name());
    line.put("batch", setting.batch());
    line.put("context", setting.context());
    line.put("promptPositions", setting.context() + Prompts.SENTENCE);
    line.put("frames", settings.frames());
    line.put("rounds", settings.rounds());
    line.put("device", settings.device());
    line.put("threads", settings.threadCount());
    line.put("busyProcesses", settings.busy());
    line.put("audio", settings.audio());
    line.put("graphs", whyNoGraphs.map(why -> "not used: " + why).orElse("used"));
    line.put("framesPerSecondPerStream", Numbers.shown(framesPerSecond()));
    line.put("audioSecondsPerSecond", Numbers.shown(audioSecondsPerSecond()));
    line.put("stepMillisP50", Numbers.shown(stepMillis(0.5)));
    line.put("stepMillisP95", Numbers.shown(stepMillis(0.95)));
    line.put("prefillMillis", Numbers.shown(prefillMillis()));
    line.put("firstFrameMillis", Numbers.shown(firstFrameMillis()));
    if (!firstFrames.isEmpty()) {
      double miss = medianMillis(firstFrames, FirstFrame::missSeconds);
      double hit = medianMillis(firstFrames, FirstFrame::hitSeconds);
      line.put("contextMissFirstFrameMillis", Numbers.shown(miss));
      line.put("contextHitFirstFrameMillis", Numbers.shown(hit));
      line.put("contextHitShareOfMiss", Numbers.shown(hit / miss));
    }
    memory.put(line);
    marking.ifPresent(found -> putMarking(line, found));
    line.put("bytesPerStep", Math.round(bytesPerStep()));
    line.put("bytesPerFrame", Math.round(bytesPerStep() / setting.batch()));
    line.put("bandwidthBytesPerSecond", Math.round(bandwidth));
    line.put("bandwidthShare", Numbers.shown(bandwidthShare()));
    kernels.forEach(line.putObject("kernels")::put);
    other.ifPresent(side -> putPeer(line, side));
    Machine.describe(line.putObject("machine"));
    return line;
  }

  private void putMarking(ObjectNode line, MarkingResult found) {
    line.put("watermarkNetworks", found.networks());
    line.put("embedSecondsPerAudioSecond", Numbers.shown(found.embedSecondsPerSecond()));
    line.put("detectSecondsPerAudioSecond", Numbers.shown(found.detectSecondsPerSecond()));
    line.put("endToEndAudioSecondsPerSecond", Numbers.shown(endToEnd(found)));
  }

  /**
   * Seconds of sound per second with everything in it: prompts, frames, decoding, and mark and
   * check of each clip, one after the other. A worker does the last two beside the generation of
   * other clips.
   */
  private double endToEnd(MarkingResult found) {
    double sound =
        setting.batch() * settings.frames() / source.checkpoint().config().codec().frameRate();
    double turn =
        Numbers.median(turns.stream().mapToDouble(own -> own.turn().totalSeconds()).toArray());
    double marking = sound * (found.embedSecondsPerSecond() + found.detectSecondsPerSecond());
    return sound / (turn + marking);
  }

  private void putPeer(ObjectNode line, PeerSide side) {
    ratio().ifPresent(ratio -> line.put("ratio", Numbers.shown(ratio)));
    ratioToPeerAlone().ifPresent(ratio -> line.put("ratioToPeerBatch1", Numbers.shown(ratio)));
    sameCodes().ifPresent(share -> line.put("sameCodesAsPeer", Numbers.shown(share)));
    ObjectNode node = line.putObject("peer");
    peer.ifPresent(process -> node.set("versions", process.versions()));
    node.put("best", side.best().torchName());
    for (PeerDtype dtype : PeerDtype.values()) {
      ObjectNode own = node.putObject(dtype.torchName());
      if (side.turns(dtype).isEmpty()) {
        own.put("leftOutAfterWarmUp", Numbers.shown(side.warmUpRate(dtype)));
      } else {
        own.put("framesPerSecondPerStream", Numbers.shown(side.median(dtype)));
        own.put(
            "firstFrameMillis",
            Numbers.shown(
                Numbers.median(
                        side.turns(dtype).stream().mapToDouble(Turn::secondsToFirstFrame).toArray())
                    * MILLIS));
      }
    }
  }
}
