package dev.utter.speech.engine;

import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FinishReason;
import dev.utter.speech.Speech;
import dev.utter.speech.Urgency;
import dev.utter.speech.checkpoint.config.MimiConfig;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.failure.EmptyAudioException;
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
 * The loop of the engine's thread. Each iteration takes in arrivals and cancellations, runs prefill
 * up to a number of positions, gives every running generation one frame, and completes finished
 * generations.
 *
 * <p>At most one prompt of each urgency is prefilled at a time. A generation begins only while the
 * number of begun generations that are at least as urgent is below the number of slots. That bounds
 * how many can be preempted. A raised generation counts with its new urgency and takes no more
 * memory than before.
 *
 * <p>Threading: all methods on one thread, except {@link #statistics}.
 */
final class EngineLoop implements AutoCloseable {

  private final SlotBatch batch;
  private final Prefill prefill;
  private final PrefixCache prefixes;
  private final ClipDecoding decoding;
  private final EngineMemory memory;
  private final SlotMemory slotMemory;
  private final MimiConfig codec;

  private final SortedSet<Generation> waiting = new TreeSet<>(Generation.ORDER);
  private final SortedSet<Generation> prefilling = new TreeSet<>(Generation.ORDER);

  /** Prefilled or preempted: ready to run, without a slot. */
  private final SortedSet<Generation> ready = new TreeSet<>(Generation.ORDER);

  private final List<Runnable> completions = new ArrayList<>();
  private long frames;
  private long preemptions;
  private volatile EngineStatistics statistics;

  EngineLoop(
      SlotBatch batch,
      Prefill prefill,
      PrefixCache prefixes,
      ClipDecoding decoding,
      EngineMemory memory,
      SlotMemory slotMemory,
      MimiConfig codec) {
    this.batch = batch;
    this.prefill = prefill;
    this.prefixes = prefixes;
    this.decoding = decoding;
    this.memory = memory;
    this.slotMemory = slotMemory;
    this.codec = codec;
    publish();
  }

  private int count(GenerationState state) {
    return (int) ready.stream().filter(generation -> generation.state() == state).count();
  }

  /** Whether there is nothing to do. */
  boolean idle() {
    return waiting.isEmpty()
        && prefilling.isEmpty()
        && ready.isEmpty()
        && batch.running().isEmpty();
  }

  /** One iteration. The order of the calls is the order of the work. */
  void iterate(List<Generation> arrivals) {
    waiting.addAll(arrivals);
    dropOrRaise();
    resume();
    runChunks();
    step();
    if (idle()) {
      batch.shrink();
    }
    publish();
    complete();
  }

  /** Drops generations that are no longer wanted, and raises those that have become urgent. */
  private void dropOrRaise() {
    for (Generation generation : all()) {
      try {
        if (!generation.wanted()) {
          finish(generation, true);
        } else if (generation.toBeRaised()) {
          raise(generation);
        }
      } catch (RuntimeException | Error e) {
        fail(generation, e);
      }
    }
  }

  private void raise(Generation generation) {
    List<SortedSet<Generation>> homes =
        Stream.of(waiting, prefilling, ready).filter(set -> set.remove(generation)).toList();
    generation.raise();
    homes.forEach(set -> set.add(generation));
  }

  private List<Generation> all() {
    return Stream.<Collection<Generation>>of(waiting, prefilling, ready, batch.running())
        .flatMap(Collection::stream)
        .toList();
  }

  /** Gives slots to ready generations; if needed, preempts less urgent ones. */
  private void resume() {
    while (!ready.isEmpty() && (!batch.isFull() || preemptLessUrgent(ready.first().urgency))) {
      Generation next = ready.first();
      ready.remove(next);
      batch.join(next);
    }
  }

  private boolean preemptLessUrgent(Urgency urgency) {
    Generation last = batch.running().stream().max(Generation.ORDER).orElseThrow();
    long needed = last.position() * slotMemory.bytesPerPosition();
    if (last.urgency.compareTo(urgency) <= 0 || readyBytes() + needed > memory.preemptedBytes()) {
      return false;
    }
    batch.preempt(last);
    ready.add(last);
    preemptions++;
    return true;
  }

  private long readyBytes() {
    return ready.stream().mapToLong(Generation::keptBytes).sum();
  }

  /**
   * Chunks of several prompts, or several of one, as long as all of them fit into one. A prompt
   * that is done gets a slot if there is one.
   */
  private void runChunks() {
    int room = prefill.chunk();
    while (room > 0) {
      Optional<Generation> next =
          Stream.concat(prefilling.stream(), waiting.stream().limit(1).filter(this::mayBegin))
              .min(Generation.ORDER);
      if (next.isEmpty()) {
        return;
      }
      try {
        room = runChunk(next.get(), room);
      } catch (RuntimeException e) {
        fail(next.get(), e);
      }
      resume();
    }
  }

  private boolean mayBegin(Generation generation) {
    long begun =
        Stream.<Collection<Generation>>of(prefilling, ready, batch.running())
            .flatMap(Collection::stream)
            .filter(other -> other.urgency.compareTo(generation.urgency) <= 0)
            .count();
    return begun < memory.slots();
  }

  /** Runs a chunk, unless it is larger than what is left. Returns how many positions are left. */
  private int runChunk(Generation generation, int room) {
    if (waiting.remove(generation)) {
      prefilling.add(generation);
      prefill.begin(generation);
    }
    int positions = prefill.next(generation);
    if (positions > room) {
      return 0;
    }
    prefill.advance(generation);
    if (prefill.done(generation)) {
      generation.endPrefill(decoding.open());
      prefilling.remove(generation);
      ready.add(generation);
    }
    return room - positions;
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
    // A slot that is left moves others. So all frames have been added before.
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

  /** Whether an INTERACTIVE prompt is in prefill while all running generations are BULK. */
  private boolean isWithheld() {
    return !prefilling.isEmpty()
        && prefilling.first().urgency == Urgency.INTERACTIVE
        && batch.running().stream().allMatch(one -> one.urgency == Urgency.BULK);
  }

  /** Decodes groups of generations. Returns those that their samples have ended. */
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
   * @throws RuntimeException the cause, if the device is lost, which all generations share
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
    ready.remove(generation);
    if (batch.running().contains(generation)) {
      batch.leave(generation);
    }
  }

  private void complete() {
    List<Runnable> due = List.copyOf(completions);
    completions.clear();
    due.forEach(Runnable::run);
  }

  /** The statistics at the end of the latest iteration. */
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
            count(GenerationState.PREFILLED),
            count(GenerationState.PREEMPTED),
            batch.steps(),
            batch.stepNanos(),
            frames,
            preemptions,
            prefixes.statistics(),
            new EngineStatistics.Memory(
                slotMemory.slotBytes(),
                batch.bytes(slotMemory),
                all().stream().filter(Generation::hasStream).count() * slotMemory.codecBytes(),
                all().stream().mapToLong(Generation::keptBytes).sum(),
                memory.preemptedBytes(),
                memory.budgetBytes()));
  }

  /** Fails all generations that are not finished, new arrivals included. */
  void failAll(List<Generation> arrivals, Supplier<RuntimeException> why) {
    waiting.addAll(arrivals);
    for (Generation generation : all()) {
      generation.end();
      completions.add(() -> generation.future.completeExceptionally(why.get()));
    }
    complete();
  }

  /** Frees the prefix cache and the CUDA graphs. */
  @Override
  public void close() {
    prefixes.close();
    batch.close();
  }
}
