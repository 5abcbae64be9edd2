package dev.utter.speech.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Divides a checkpoint into shards as transformers does: the tensors in the order of its modules,
 * and a new shard where the next tensor would exceed the maximum. With CSM-1B's sizes this gives
 * the files of {@code sesame/csm-1b}, to the byte.
 */
final class PublishedShards {

  /** Max size of a shard's tensors, in bytes. */
  static final long MAX_BYTES = 5_000_000_000L;

  static final String INDEX = WeightFiles.TRANSFORMERS_PREFIX + "safetensors.index.json";

  /** The order of the modules. */
  private static final List<String> MODULES =
      List.of(
          "lm_head.",
          "embed_text_tokens.",
          "backbone_model.embed_tokens.",
          "backbone_model.layers.",
          "backbone_model.norm.",
          "depth_decoder.model.embed_tokens.",
          "depth_decoder.model.inputs_embeds_projector.",
          "depth_decoder.model.layers.",
          "depth_decoder.model.norm.",
          "depth_decoder.codebooks_head.",
          Checkpoint.CODEC_PREFIX);

  /** The order within a layer of the language model. */
  private static final List<String> PARTS =
      List.of(
          "self_attn.q_proj.weight",
          "self_attn.k_proj.weight",
          "self_attn.v_proj.weight",
          "self_attn.o_proj.weight",
          "mlp.gate_proj.weight",
          "mlp.up_proj.weight",
          "mlp.down_proj.weight",
          "input_layernorm.weight",
          "post_attention_layernorm.weight");

  private static final Pattern LAYER =
      Pattern.compile("(?:backbone|depth).*\\.layers\\.(\\d+)\\.(.*)");

  private static final Comparator<StoredTensor> ORDER =
      Comparator.<StoredTensor>comparingInt(tensor -> module(tensor.name()))
          .thenComparingInt(tensor -> layer(tensor.name()))
          .thenComparingInt(tensor -> part(tensor.name()));

  private static final ObjectWriter JSON =
      new ObjectMapper()
          .writer(
              new DefaultPrettyPrinter()
                  .withSeparators(
                      Separators.createDefaultInstance()
                          .withObjectFieldValueSpacing(Separators.Spacing.AFTER)));

  private PublishedShards() {}

  static List<WeightFile> of(Collection<StoredTensor> tensors, long maxBytes) {
    List<List<StoredTensor>> shards = new ArrayList<>();
    List<StoredTensor> shard = new ArrayList<>();
    long bytes = 0;
    for (StoredTensor tensor : tensors.stream().sorted(ORDER).toList()) {
      if (bytes + tensor.bytes() > maxBytes && !shard.isEmpty()) {
        shards.add(shard);
        shard = new ArrayList<>();
        bytes = 0;
      }
      shard.add(tensor);
      bytes += tensor.bytes();
    }
    shards.add(shard);
    List<WeightFile> files = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      String name = "transformers-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      files.add(WeightFile.of(name, shards.get(i), WeightFile.OF_TRANSFORMERS));
    }
    return files;
  }

  /** The content of the index file. */
  static String index(List<WeightFile> shards) {
    Map<String, String> places = new TreeMap<>();
    shards.forEach(
        shard -> shard.tensors().forEach(tensor -> places.put(tensor.name(), shard.name())));
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putObject("metadata")
        .put("total_size", shards.stream().mapToLong(WeightFile::tensorBytes).sum());
    ObjectNode map = root.putObject("weight_map");
    places.forEach(map::put);
    try {
      return JSON.writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names always have a JSON form", e);
    }
  }

  private static int module(String name) {
    for (int i = 0; i < MODULES.size(); i++) {
      if (name.startsWith(MODULES.get(i))) {
        return i;
      }
    }
    return MODULES.size();
  }

  private static int layer(String name) {
    Matcher matcher = LAYER.matcher(name);
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  private static int part(String name) {
    Matcher matcher = LAYER.matcher(name);
    return matcher.matches() ? PARTS.indexOf(matcher.group(2)) : 0;
  }
}
