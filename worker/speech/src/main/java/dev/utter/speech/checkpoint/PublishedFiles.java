package dev.utter.speech.checkpoint;

import dev.utter.speech.checkpoint.layout.WeightLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which files of a published checkpoint are read. */
public final class PublishedFiles {

  /** Settings of the checkpoint; this file is required. */
  public static final String CONFIG = "config.json";

  /** What a checkpoint has beside its weights. */
  static final List<String> SMALL =
      List.of(CONFIG, "generation_config.json", "tokenizer.json", "tokenizer_config.json");

  /** How moshi's repositories name Mimi's file. */
  private static final Pattern CODEC = Pattern.compile("tokenizer-[^/]*\\.safetensors");

  /** The codec's file where it is published alone. */
  static final String TRANSFORMERS_CODEC = "model.safetensors";

  private PublishedFiles() {}

  /**
   * The files of a checkpoint.
   *
   * @param names names of all files that are published
   * @param layout the layout wanted; empty for the one that is read if all files are there
   * @return nothing if the weights or their settings are not among the names
   */
  public static Optional<List<String>> ofCheckpoint(
      Collection<String> names, Optional<WeightLayout> layout) {
    Optional<String> source =
        WeightFiles.NAMES.stream()
            .filter(names::contains)
            .filter(name -> layout.map(wanted -> wanted == layout(name, names)).orElse(true))
            .findFirst();
    if (source.isEmpty() || !names.contains(CONFIG)) {
      return Optional.empty();
    }
    List<String> files = new ArrayList<>(SMALL);
    files.retainAll(names);
    files.add(source.get());
    if (source.get().endsWith(WeightFiles.INDEX_SUFFIX)) {
      Pattern shard = shard(source.get());
      names.stream().filter(name -> shard.matcher(name).matches()).sorted().forEach(files::add);
    }
    return Optional.of(files);
  }

  /** Whether files chosen by {@link #ofCheckpoint} have weights without the codec's. */
  public static boolean needCodec(Collection<String> files, Collection<String> names) {
    return files.stream()
        .filter(WeightFiles.NAMES::contains)
        .anyMatch(name -> layout(name, names) == WeightLayout.ORIGINAL);
  }

  /** Whether files chosen by {@link #ofCheckpoint} are without a tokenizer. */
  public static boolean needTokenizer(Collection<String> files) {
    return !files.contains("tokenizer.json");
  }

  /** The codec's own file among the files of a model that it is published with, or alone. */
  public static List<String> ofCodec(Collection<String> names) {
    List<String> ofMoshi =
        names.stream().filter(name -> CODEC.matcher(name).matches()).sorted().toList();
    return ofMoshi.isEmpty() ? names.stream().filter(TRANSFORMERS_CODEC::equals).toList() : ofMoshi;
  }

  /** The tokenizer's files among those of a language model. */
  public static List<String> ofTokenizer(Collection<String> names) {
    return SMALL.stream()
        .filter(name -> name.startsWith("tokenizer"))
        .filter(names::contains)
        .toList();
  }

  /**
   * By name alone: {@code model.safetensors} is the original layout where it is published beside
   * that program's other file or beside transformers' files. Checkpoints of other authors are
   * published as transformers writes them, under that name.
   */
  private static WeightLayout layout(String source, Collection<String> names) {
    boolean original =
        source.equals(WeightFiles.TORCH)
            || (!source.startsWith(WeightFiles.TRANSFORMERS_PREFIX)
                && names.stream()
                    .anyMatch(
                        name ->
                            name.equals(WeightFiles.TORCH)
                                || name.startsWith(WeightFiles.TRANSFORMERS_PREFIX)));
    return original ? WeightLayout.ORIGINAL : WeightLayout.TRANSFORMERS;
  }

  /** {@code transformers-00001-of-00002.safetensors} of an index. */
  private static Pattern shard(String index) {
    String stem =
        index.substring(0, index.length() - (".safetensors" + WeightFiles.INDEX_SUFFIX).length());
    return Pattern.compile(Pattern.quote(stem) + "-\\d{5}-of-\\d{5}\\.safetensors");
  }
}
