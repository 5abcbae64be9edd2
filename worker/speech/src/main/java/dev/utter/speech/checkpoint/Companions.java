package dev.utter.speech.checkpoint;

import dev.utter.speech.hub.HubCache;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Models that the original layout of CSM needs and its repository does not hold: the codec,
 * published with moshi, and for early revisions the tokenizer, published with Llama.
 */
public final class Companions {

  /** The model that the codec is published with. */
  public static final HubReference CODEC = HubReference.parse("kyutai/moshiko-pytorch-bf16");

  /** The codec alone, with the names of transformers. */
  private static final HubReference MIMI = HubReference.parse("kyutai/mimi");

  /** The models that the codec can be taken from; the first one found is used. */
  public static final List<HubReference> CODECS = List.of(CODEC, MIMI);

  /** The model that the tokenizer is published with. */
  public static final HubReference TOKENIZER = HubReference.parse("meta-llama/Llama-3.2-1B");

  private Companions() {}

  /** Whether a model is one that the codec can be taken from. */
  public static boolean isCodec(RepositoryId id) {
    return CODECS.stream().anyMatch(codec -> codec.id().equals(id));
  }

  /** The folder of another model in the cache that holds this snapshot, if there is one. */
  static Optional<Path> in(Path snapshot, HubReference other) {
    return HubCache.around(snapshot).flatMap(cache -> cache.snapshot(other));
  }

  /**
   * The folder that holds a checkpoint's tokenizer: early revisions of CSM are published without.
   */
  public static Path tokenizerFolder(Path checkpoint) {
    return Files.exists(checkpoint.resolve("tokenizer.json"))
        ? checkpoint
        : tokenizer(checkpoint).orElse(checkpoint);
  }

  /** The folder of the tokenizer in the cache that holds this snapshot, if there is one. */
  static Optional<Path> tokenizer(Path snapshot) {
    return in(snapshot, TOKENIZER);
  }
}
