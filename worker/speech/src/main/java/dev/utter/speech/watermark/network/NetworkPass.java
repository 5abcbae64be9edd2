package dev.utter.speech.watermark.network;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.torch.TorchEngine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A pass whose steps are calls of the program. It owns the tensors between them.
 *
 * <p>Threading: made on any thread, then one thread at a time.
 */
final class NetworkPass implements Pass<float[]> {
  private final TorchEngine engine;
  private final long bytes;
  private final Deque<Consumer<NetworkPass>> steps = new ArrayDeque<>();
  private @Nullable NDManager scope;
  private NDList state = new NDList();
  private Runnable afterStep = () -> {};
  private float @Nullable [] result;

  NetworkPass(TorchEngine engine, long bytes) {
    this.engine = engine;
    this.bytes = bytes;
  }

  /** Adds a step behind the others. */
  void then(Consumer<NetworkPass> step) {
    steps.add(step);
  }

  /** Sets what is called after each step. */
  void reportTo(Runnable listener) {
    afterStep = listener;
  }

  /** The owner of its tensors, which are freed with the pass. */
  NDManager scope() {
    return requireNonNull(scope, "scope is null");
  }

  /** Sets the tensors that are kept between its steps, by position. */
  void state(NDList tensors) {
    state = tensors;
  }

  NDArray state(int place) {
    return state.get(place);
  }

  /** Sets the result. */
  void result(float[] numbers) {
    result = numbers;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public int stepsLeft() {
    return steps.size();
  }

  @Override
  public void step() {
    if (scope == null) {
      scope = engine.newScope();
    }
    steps.remove().accept(this);
    afterStep.run();
  }

  @Override
  public boolean isDone() {
    return steps.isEmpty();
  }

  @Override
  public float[] result() {
    return requireNonNull(result, "result is null");
  }

  @Override
  public void close() {
    if (scope != null) {
      scope.close();
    }
  }
}
