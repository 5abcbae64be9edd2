package dev.utter.benchmarks.pipeline;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The pipeline benchmark: one run for each number of workers, one after another. */
final class PipelineBenchmark {
  private final PipelineSettings settings;
  private final Consumer<String> progress;

  PipelineBenchmark(PipelineSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Runs all settings.
   *
   * @param listener called with each result when it is complete, and with the result of the first
   *     setting
   * @return whether all results are {@linkplain PipelineResult#isGood good}
   */
  boolean run(ResultListener listener) throws IOException, InterruptedException, TimeoutException {
    Optional<PipelineResult> first = Optional.empty();
    boolean good = true;
    for (int workers : settings.workers()) {
      PipelineResult result = new PipelineRun(settings, workers, progress).run();
      first = first.or(() -> Optional.of(result));
      listener.result(result, first.get());
      good &= result.isGood();
    }
    return good;
  }

  /** Receives results. */
  interface ResultListener {
    /** Receives a result, and the first result, which may be the same. */
    void result(PipelineResult result, PipelineResult first);
  }
}
