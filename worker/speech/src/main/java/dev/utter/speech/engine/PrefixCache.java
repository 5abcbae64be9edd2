package dev.utter.speech.engine;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.EngineStatistics;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.text.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keys and values of the context segments of earlier prompts. A position depends on all positions
 * before it, so an entry is a segment after certain others: entries form trees, and a prompt uses
 * the longest chain with exactly its rows. When the cache is full, the least recently used entry is
 * removed, ends of chains first.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class PrefixCache implements AutoCloseable {

  private static final long ROOT = 0;

  private final CsmProgram program;
  private final long limitBytes;

  /**
   * Least recently used first. After an entry is used, the entries it builds upon count as used
   * too.
   */
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  private long lastId = ROOT;
  private long bytes;
  private long hits;
  private long misses;
  private long reusedPositions;
  private long evictions;

  private record Entry(long id, KeyValues keyValues) {}

  /** A segment's rows after the chain that ends with {@code before}; equality is by content. */
  private record Key(long before, int[] rows) {

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && before == key.before && Arrays.equals(rows, key.rows);
    }

    @Override
    public int hashCode() {
      return 31 * Long.hashCode(before) + Arrays.hashCode(rows);
    }
  }

  /**
   * @param limitBytes native memory the entries may take, in bytes; 0 switches the cache off
   */
  public PrefixCache(CsmProgram program, long limitBytes) {
    this.program = program;
    this.limitBytes = limitBytes;
  }

  /**
   * Copies the cached beginning of a prompt.
   *
   * @param into memory for the prompt's keys and values
   * @return how many positions were copied: up to the end of some context segment, or 0
   */
  int copyInto(KeyValues into, Prompt prompt) {
    if (prompt.contextEnds().isEmpty()) {
      return 0;
    }
    List<Key> chain = chain(prompt, prompt.contextEnds().size());
    int position = 0;
    for (Key key : chain) {
      KeyValues known = entry(key).keyValues();
      program.put(into, position, known);
      position += known.positions();
    }
    touch(chain);
    hits += chain.isEmpty() ? 0 : 1;
    misses += chain.isEmpty() ? 1 : 0;
    reusedPositions += position;
    return position;
  }

  /**
   * Adds a copy of a context segment after its prefill, unless it is cached already, does not fit,
   * or an entry it builds upon is gone.
   *
   * @param segment number of the segment within the prompt
   */
  void keep(KeyValues from, Prompt prompt, int segment) {
    List<Key> chain = chain(prompt, segment + 1);
    if (chain.size() != segment) {
      return;
    }
    int start = segment == 0 ? 0 : prompt.contextEnds().get(segment - 1);
    int end = prompt.contextEnds().get(segment);
    long needed = from.bytes() / from.positions() * (end - start);
    if (needed + bytes(chain) > limitBytes) {
      return;
    }
    touch(chain);
    evictDownTo(limitBytes - needed);
    long before = segment == 0 ? ROOT : entry(chain.get(segment - 1)).id();
    KeyValues part = program.copy(from, start, end);
    bytes += part.bytes();
    chain.add(new Key(before, prompt.rows(start, end)));
    entries.put(chain.get(segment), new Entry(++lastId, part));
    touch(chain);
  }

  /** The longest cached chain of the first {@code segments} segments. */
  private List<Key> chain(Prompt prompt, int segments) {
    List<Key> chain = new ArrayList<>();
    long before = ROOT;
    int start = 0;
    for (int end : prompt.contextEnds().subList(0, segments)) {
      Key key = new Key(before, prompt.rows(start, end));
      Entry entry = entries.get(key);
      if (entry == null) {
        break;
      }
      chain.add(key);
      before = entry.id();
      start = end;
    }
    return chain;
  }

  private Entry entry(Key key) {
    return requireNonNull(entries.get(key), "a segment is not in the cache");
  }

  private long bytes(List<Key> chain) {
    return chain.stream().mapToLong(key -> entry(key).keyValues().bytes()).sum();
  }

  private void touch(List<Key> chain) {
    for (int i = chain.size() - 1; i >= 0; i--) {
      entries.get(chain.get(i));
    }
  }

  private void evictDownTo(long target) {
    while (bytes > target) {
      Map.Entry<Key, Entry> oldest = entries.entrySet().iterator().next();
      bytes -= oldest.getValue().keyValues().bytes();
      oldest.getValue().keyValues().close();
      entries.remove(oldest.getKey());
      evictions++;
    }
  }

  EngineStatistics.Prefixes statistics() {
    return new EngineStatistics.Prefixes(
        entries.size(), bytes, limitBytes, hits, misses, reusedPositions, evictions);
  }

  @Override
  public void close() {
    entries.values().forEach(entry -> entry.keyValues().close());
    entries.clear();
    bytes = 0;
  }
}
