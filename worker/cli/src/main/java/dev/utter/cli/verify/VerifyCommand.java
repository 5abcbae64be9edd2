package dev.utter.cli.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.signing.ClipStatement;
import dev.utter.worker.signing.VerifyingKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Verifies the signature of a clip. */
@Command(
    name = "verify-clip",
    description =
        "Says whether a clip is, byte for byte, one that the holder of a signing key made. Needs no"
            + " network: the signature is in the completed event and in the object's metadata.",
    exitCodeList = {
      "0:the signature is right, and it is about this clip",
      "1:there is no signature, it is wrong, of another key, or about another clip",
      "2:wrong command line; a file is not an event, metadata or a public key",
      "3:a file cannot be read"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class VerifyCommand implements Callable<Integer> {
  /** Events and metadata have a few thousand bytes. */
  private static final int MAX_JSON_BYTES = 1 << 20;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "CLIP", description = "The clip, as it was downloaded.")
  private Path clip;

  @ArgGroup(multiplicity = "1")
  private Source source;

  @Option(
      names = "--public-key",
      paramLabel = "FILE",
      required = true,
      description = "PEM file with a public key of Ed25519. May be given several times.")
  private List<Path> keyFiles;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  private static final class Source {
    @Option(
        names = "--event",
        paramLabel = "FILE",
        description = "The completed event as JSON, or its line of produce --json.")
    private Path event;

    @Option(
        names = "--metadata",
        paramLabel = "FILE",
        description =
            "The object's metadata as JSON, as aws s3api head-object or mc stat --json print it.")
    private Path metadata;
  }

  @Override
  public Integer call() throws IOException {
    List<VerifyingKey> keys = keyFiles.stream().map(this::key).toList();
    Optional<SignedFacts> facts = facts();
    Optional<String> defect = defect(facts, keys, Sha256.hex(clip));
    report(facts, defect);
    return defect.isEmpty() ? ExitCodes.OK : ExitCodes.NO;
  }

  private static Optional<String> defect(
      Optional<SignedFacts> facts, List<VerifyingKey> keys, String sha256) {
    if (facts.isEmpty()) {
      return Optional.of("there is no signature");
    }
    ClipStatement statement = facts.get().statement();
    String keyId = facts.get().signature().keyId();
    Optional<VerifyingKey> key = keys.stream().filter(k -> k.id().equals(keyId)).findFirst();
    if (key.isEmpty()) {
      return Optional.of(
          "it is signed by another key, "
              + printable(keyId)
              + "; --public-key has "
              + String.join(", ", keys.stream().map(VerifyingKey::id).toList()));
    }
    if (!key.get().verifies(statement, facts.get().signature())) {
      return Optional.of("the signature is wrong: the key did not sign these facts");
    }
    return statement.sha256().equals(sha256)
        ? Optional.empty()
        : Optional.of(
            "the signature is about another clip: its SHA-256 is "
                + statement.sha256()
                + ", this one's "
                + sha256);
  }

  private void report(Optional<SignedFacts> facts, Optional<String> defect) {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.put("file", clip.toString()).put("signed", defect.isEmpty());
    if (defect.isPresent()) {
      result.put("reason", defect.get());
    } else {
      ClipStatement statement = facts.orElseThrow().statement();
      result
          .put("keyId", facts.get().signature().keyId())
          .put("requestId", statement.requestId())
          .put("sha256", statement.sha256())
          .put("model", statement.modelName())
          .put("modelRevision", statement.modelRevision())
          .put("watermarkKeyId", statement.watermarkKeyId())
          .put("createdAt", statement.createdAt().toString());
    }
    out.println(json ? result.toString() : line(result));
    out.flush();
  }

  private static String line(ObjectNode result) {
    String file = result.path("file").asText();
    return result.path("signed").asBoolean()
        ? "%s: signed by key %s for request %s at %s, model %s %s, watermark key %s"
            .formatted(
                file,
                result.path("keyId").asText(),
                result.path("requestId").asText(),
                result.path("createdAt").asText(),
                result.path("model").asText(),
                result.path("modelRevision").asText(),
                result.path("watermarkKeyId").asText())
        : file + ": not proved: " + result.path("reason").asText();
  }

  private VerifyingKey key(Path file) {
    requireFile(file);
    try {
      return VerifyingKey.read(file);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--public-key: " + e.getMessage(), e);
    }
  }

  private Optional<SignedFacts> facts() throws IOException {
    Path file = source.event != null ? source.event : source.metadata;
    requireFile(file);
    try {
      JsonNode node = SignedFacts.json(text(file));
      return source.event != null ? SignedFacts.ofEvent(node) : SignedFacts.ofMetadata(node);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          file
              + (source.event != null ? " is no completed event: " : " is no metadata of a clip: ")
              + e.getMessage(),
          e);
    }
  }

  private static byte[] text(Path file) throws IOException {
    if (Files.size(file) > MAX_JSON_BYTES) {
      throw new IllegalArgumentException("it has more than " + MAX_JSON_BYTES + " bytes");
    }
    return Files.readAllBytes(file);
  }

  private void requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new ParameterException(spec.commandLine(), file + " is not a file");
    }
  }

  /** The id of an unknown key is untrusted text. */
  private static String printable(String text) {
    return text.replaceAll("[^\\x21-\\x7e]", "?").substring(0, Math.min(text.length(), 64));
  }
}
