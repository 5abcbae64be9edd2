package dev.utter.speech.csm;

import dev.utter.speech.EmptyAudioException;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FinishReason;
import dev.utter.speech.Speech;
import dev.utter.speech.Urgency;
import dev.utter.speech.checkpoint.MimiConfig;
import dev.utter.speech.torch.DeviceLoss;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What the engine's thread does: turn after turn it takes in what changed, runs at most one chunk
 * of a prompt, gives every running generation one frame, and hands out what is finished.
 *
 * <p>At most one prompt of each urgency is being run at any time, and for each urgency no more
 * generations have begun that are at least as urgent than there are slots: that bounds what can be
 * parked.
 *
 * <p>Threading: all methods on one thread, but {@link #statistics}.
 */
final class EngineLoop implements AutoCloseable {

  private final SlotBatch batch;
  private final Prefill prefill;
  private final PrefixPool pool;
  private final ClipDecoding decoding;
  private final EngineMemory memory;
  private final SlotMemory slotMemory;
  private final MimiConfig codec;

  private final SortedSet<Generation> waiting = new TreeSet<>(Generation.ORDER);
  private final SortedSet<Generation> prefilling = new TreeSet<>(Generation.ORDER);
  private final SortedSet<Generation> parked = new TreeSet<>(Generation.ORDER);
  private final List<Runnable> completions = new ArrayList<>();
  private long frames;
  private long parkings;
  private volatile EngineStatistics statistics;

  EngineLoop(
      SlotBatch batch,
      Prefill prefill,
      PrefixPool pool,
      ClipDecoding decoding,
      EngineMemory memory,
      SlotMemory slotMemory,
      MimiConfig codec) {
    this.batch = batch;
    this.prefill = prefill;
    this.pool = pool;
    this.decoding = decoding;
    this.memory = memory;
    this.slotMemory = slotMemory;
    this.codec = codec;
    publish();
  }

  /** Whether there is nothing to do. */
  boolean idle() {
    return waiting.isEmpty()
        && prefilling.isEmpty()
        && parked.isEmpty()
        && batch.running().isEmpty();
  }

  /** One round. */
  void turn(List<Generation> arrivals) {
    waiting.addAll(arrivals);
    dropUnwanted();
    resume();
    runChunk();
    resume();
    step();
    if (idle()) {
      batch.shrink();
    }
    publish();
    complete();
  }

  private void dropUnwanted() {
    for (Generation generation : all()) {
      try {
        if (!generation.wanted()) {
          finish(generation, true);
        }
      } catch (RuntimeException | Error e) {
        fail(generation, e);
      }
    }
  }

  private List<Generation> all() {
    return Stream.<Collection<Generation>>of(waiting, prefilling, parked, batch.running())
        .flatMap(Collection::stream)
        .toList();
  }

  /** Gives slots to parked generations, if need be those of less urgent ones. */
  private void resume() {
    while (!parked.isEmpty() && (!batch.isFull() || parkLessUrgent(parked.first().urgency))) {
      Generation next = parked.first();
      parked.remove(next);
      batch.join(next);
    }
  }

  private boolean parkLessUrgent(Urgency urgency) {
    Generation last = batch.running().stream().max(Generation.ORDER).orElseThrow();
    long needed = last.position() * slotMemory.bytesPerPosition();
    if (last.urgency.compareTo(urgency) <= 0 || parkedBytes() + needed > memory.parkedBytes()) {
      return false;
    }
    batch.park(last);
    parked.add(last);
    parkings++;
    return true;
  }

  private long parkedBytes() {
    return parked.stream().mapToLong(Generation::keptBytes).sum();
  }

  private void runChunk() {
    Optional<Generation> next =
        Stream.concat(prefilling.stream(), waiting.stream().limit(1).filter(this::mayBegin))
            .min(Generation.ORDER);
    next.ifPresent(
        generation -> {
          try {
            runChunk(generation);
          } catch (RuntimeException e) {
            fail(generation, e);
          }
        });
  }

  private boolean mayBegin(Generation generation) {
    long begun =
        Stream.<Collection<Generation>>of(prefilling, parked, batch.running())
            .flatMap(Collection::stream)
            .filter(other -> other.urgency.compareTo(generation.urgency) <= 0)
            .count();
    return begun < memory.slots();
  }

  private void runChunk(Generation generation) {
    if (waiting.remove(generation)) {
      prefilling.add(generation);
      prefill.begin(generation);
    }
    prefill.advance(generation);
    if (prefill.done(generation)) {
      generation.park(decoding.open());
      prefilling.remove(generation);
      parked.add(generation);
    }
  }

  private void step() {
    if (batch.running().isEmpty() || isWithheld()) {
      return;
    }
    List<Generation> stepped = List.copyOf(batch.running());
    List<Optional<int[]>> results = batch.step();
    List<Generation> broken = new ArrayList<>();
    List<Generation> over = new ArrayList<>();
    for (int i = 0; i < stepped.size(); i++) {
      Generation generation = stepped.get(i);
      Optional<int[]> frame = results.get(i);
      if (frame.isEmpty()) {
        broken.add(generation);
      } else if (generation.add(frame.get())) {
        over.add(generation);
      }
    }
    frames += stepped.size() - broken.size();
    // Only now does every generation know what its slot holds, so that slots can be moved.
    for (Generation generation : broken) {
      fail(generation, new IllegalStateException(CsmProgram.NOT_FINITE));
    }
    over.forEach(batch::leave);
    decode(decoding.groups(over));
    over.stream()
        .filter(generation -> generation.state() != GenerationState.DONE)
        .forEach(generation -> finish(generation, false));
    for (Generation generation : decode(decoding.due(batch.running()))) {
      finish(generation, false);
    }
  }

  /** Someone waits for a prompt that is being run, and all that runs can wait. */
  private boolean isWithheld() {
    return !prefilling.isEmpty()
        && prefilling.first().urgency == Urgency.INTERACTIVE
        && batch.running().stream().allMatch(one -> one.urgency == Urgency.BULK);
  }

  /** Decodes groups of generations, and says which are over because of it. */
  private List<Generation> decode(List<List<Generation>> groups) {
    List<Generation> over = new ArrayList<>();
    for (List<Generation> group : groups) {
      try {
        over.addAll(decoding.decode(group));
      } catch (RuntimeException e) {
        group.forEach(generation -> fail(generation, e));
      }
    }
    return over;
  }

  private void finish(Generation generation, boolean stopped) {
    release(generation);
    if (generation.undecoded() > 0) {
      decoding.decode(List.of(generation));
    }
    Speech speech = generation.speech(codec.sampleRate(), codec.frameSamples(), stopped);
    generation.end();
    if (speech.codes().frames() == 0 && speech.finishReason() == FinishReason.END_OF_AUDIO) {
      completions.add(() -> generation.future.completeExceptionally(new EmptyAudioException()));
    } else {
      completions.add(() -> generation.future.complete(speech));
    }
  }

  /**
   * Ends one generation.
   *
   * @throws RuntimeException the cause itself, if it is the device, which all of them share
   */
  private void fail(Generation generation, Throwable cause) {
    if (cause instanceof RuntimeException shared && DeviceLoss.isBehind(cause)) {
      throw shared;
    }
    release(generation);
    generation.end();
    completions.add(() -> generation.future.completeExceptionally(cause));
  }

  private void release(Generation generation) {
    waiting.remove(generation);
    prefilling.remove(generation);
    parked.remove(generation);
    if (batch.running().contains(generation)) {
      batch.leave(generation);
    }
  }

  private void complete() {
    List<Runnable> due = List.copyOf(completions);
    completions.clear();
    due.forEach(Runnable::run);
  }

  /** What the engine did up to the end of the latest turn. */
  EngineStatistics statistics() {
    return statistics;
  }

  private void publish() {
    statistics =
        new EngineStatistics(
            memory.slots(),
            waiting.size(),
            prefilling.size(),
            batch.running().size(),
            parked.size(),
            batch.steps(),
            frames,
            parkings,
            pool.statistics(),
            new EngineStatistics.Memory(
                slotMemory.slotBytes(),
                batch.bytes(slotMemory),
                all().stream().filter(Generation::hasStream).count() * slotMemory.codecBytes(),
                all().stream().mapToLong(Generation::keptBytes).sum(),
                memory.parkedBytes(),
                memory.budgetBytes()));
  }

  /** Fails whatever is not finished, and what has just arrived. */
  void failAll(List<Generation> arrivals, Supplier<RuntimeException> why) {
    waiting.addAll(arrivals);
    for (Generation generation : all()) {
      generation.end();
      completions.add(() -> generation.future.completeExceptionally(why.get()));
    }
    complete();
  }

  /** Frees the prefixes that are kept, and recorded steps. */
  @Override
  public void close() {
    pool.close();
    batch.close();
  }
}
