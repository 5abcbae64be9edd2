package dev.utter.speech.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.torch.GraphPool;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Stands in for graphs where there is no GPU: runs again what a graph would replay. */
class PlainPool implements GraphPool {

  private final Map<Long, Function<NDManager, NDArray>> calls = new HashMap<>();
  int recordings;
  int replays;
  int drops;
  boolean closed;

  @Override
  public void record(long key, Function<NDManager, NDArray> call) {
    recordings++;
    calls.put(key, call);
  }

  @Override
  public NDArray replay(NDManager owner, long key) {
    replays++;
    return calls.get(key).apply(owner);
  }

  @Override
  public void drop(long key) {
    calls.remove(key);
  }

  @Override
  public void drop() {
    drops++;
    calls.clear();
  }

  @Override
  public long bytes() {
    return calls.size();
  }

  @Override
  public void close() {
    closed = true;
  }
}
