package dev.utter.cli.command.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.ModelInspection;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.csm.SlotMemory;
import dev.utter.speech.csm.prepared.PreparedFinding;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Describes a checkpoint. */
@Command(
    name = "inspect",
    description =
        "Says what a checkpoint is, whether it is complete, and which prepared weights beside it"
            + " belong to it. Reads headers and samples only.",
    exitCodeList = {
      "0:it is a checkpoint that can be used",
      "2:wrong command line",
      "3:it is not; the message names file and tensor, or setting"
    },
    exitCodeListHeading = "Exit codes:%n")
final class ModelInspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "Folder of the checkpoint, the name of one that 'utter model fetch' fetched, or the"
              + " address s3://bucket/prefix of one that 'utter model pull' pulled.")
  private String model;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Path folder = ModelOptions.locate(spec, "", model);
    ObjectNode found = describe(ModelInspection.inspect(folder));
    ObjectNode prepared = found.putObject("prepared");
    PreparedFinding.beside(Checkpoint.open(folder))
        .forEach(file -> put(prepared.putObject(file.precision().name()), file));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(found.toPrettyString());
    } else {
      print("", found, out);
    }
    out.flush();
    return ExitCodes.OK;
  }

  private static ObjectNode describe(ModelInspection model) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("folder", model.directory().toString());
    root.put("layout", model.layout().name());
    root.put("files", model.files().size());
    root.put("tensors", model.tensors());
    root.put("bytes", model.bytes());
    ObjectNode types = root.putObject("tensorsByType");
    model.tensorsByDtype().forEach((type, count) -> types.put(type.name(), count));
    root.put("languageModelParameters", model.languageModelParameters());
    root.put("codecParameters", model.codecParameters());
    root.put("codebooks", model.config().codebooks());
    root.put("vocabulary", model.config().vocabularySize());
    root.put("textVocabulary", model.config().textVocabularySize());
    root.put("sampleRate", model.config().codec().sampleRate());
    root.put("samplesPerFrame", model.config().codec().frameSamples());
    put(root.putObject("backbone"), model.config().backbone());
    put(root.putObject("depthDecoder"), model.config().depthDecoder().transformer());
    put(root.putObject("slotIn32Bit"), SlotMemory.of(model.config(), Float.BYTES));
    put(root.putObject("slotIn16Bit"), SlotMemory.of(model.config(), Short.BYTES));
    return root;
  }

  private static void put(ObjectNode node, TransformerConfig config) {
    node.put("layers", config.layers());
    node.put("hiddenSize", config.hiddenSize());
    node.put("intermediateSize", config.intermediateSize());
    node.put("attentionHeads", config.attentionHeads());
    node.put("keyValueHeads", config.keyValueHeads());
    node.put("maxPositions", config.maxPositions());
  }

  private static void put(ObjectNode node, SlotMemory slot) {
    node.put("bytes", slot.slotBytes());
    node.put("bytesPerPosition", slot.bytesPerPosition());
    node.put("depthDecoderBytes", slot.depthBytes());
    node.put("codecBytes", slot.codecBytes());
  }

  private static void put(ObjectNode node, PreparedFinding prepared) {
    node.put("file", prepared.file().toString());
    node.put("bytes", prepared.bytes());
    node.put("belongs", prepared.obstacle().isEmpty());
    prepared.obstacle().ifPresent(why -> node.put("obstacle", why));
  }

  private static void print(String prefix, JsonNode node, PrintWriter out) {
    node.properties()
        .forEach(
            entry -> {
              if (entry.getValue().isObject()) {
                print(prefix + entry.getKey() + ".", entry.getValue(), out);
              } else {
                out.printf("%-32s %s%n", prefix + entry.getKey(), entry.getValue().asText());
              }
            });
  }
}
