package dev.utter.producer.command;

import dev.utter.events.ContextUtterance;
import dev.utter.events.SynthesisRequested;
import dev.utter.producer.client.AudioStore;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that give all requests of a command the same context. */
final class ContextOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--context",
      paramLabel = "N:TEXT:FILE",
      description =
          "Earlier utterance that sets the voice, uploaded to --bucket; oldest first. The first"
              + " colon ends the speaker, the last one begins the file.")
  private List<String> context = List.of();

  @Option(
      names = "--tolerate-damaged-context",
      description =
          "Use damaged context recordings as far as they can be decoded, in all requests.")
  private boolean tolerateDamagedContext;

  @Option(
      names = "--bucket",
      paramLabel = "BUCKET",
      description = "Where context recordings are uploaded (default: ${DEFAULT-VALUE}).",
      defaultValue = "${env:UTTER_OUTPUT_BUCKET:-utter}")
  private String bucket;

  /**
   * The recordings that were named.
   *
   * @throws ParameterException if one is not of that form, or its file cannot be read
   */
  List<ContextArgument> recordings() {
    return context.stream().map(this::parse).toList();
  }

  /**
   * Uploads the recordings, and returns the requests with them as their context. Without recordings
   * nothing is uploaded, and the requests keep their context.
   */
  List<SynthesisRequested> addTo(
      List<SynthesisRequested> requests, List<ContextArgument> recordings, AccessOptions access)
      throws IOException {
    List<ContextUtterance> uploaded = recordings.isEmpty() ? List.of() : upload(recordings, access);
    return requests.stream().map(request -> withContext(request, uploaded)).toList();
  }

  private SynthesisRequested withContext(
      SynthesisRequested request, List<ContextUtterance> uploaded) {
    SynthesisRequested.Builder changed = SynthesisRequested.newBuilder(request);
    if (!uploaded.isEmpty()) {
      changed.setContext(uploaded);
    }
    if (tolerateDamagedContext) {
      changed.setTolerateDamagedContext(true);
    }
    return changed.build();
  }

  private List<ContextUtterance> upload(List<ContextArgument> recordings, AccessOptions access)
      throws IOException {
    List<ContextUtterance> uploaded = new ArrayList<>();
    try (AudioStore store = new AudioStore(access.storage(System::getenv))) {
      for (ContextArgument recording : recordings) {
        String key = "context/" + UUID.randomUUID() + "-" + recording.file().getFileName();
        uploaded.add(
            ContextUtterance.newBuilder()
                .setSpeaker(recording.speaker())
                .setText(recording.text())
                .setAudio(store.upload(recording.file(), bucket, key))
                .build());
      }
    }
    return uploaded;
  }

  private ContextArgument parse(String argument) {
    try {
      ContextArgument utterance = ContextArgument.parse(argument);
      if (!Files.isReadable(utterance.file())) {
        throw new IllegalArgumentException("no file " + utterance.file() + " that can be read");
      }
      return utterance;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--context: " + e.getMessage(), e);
    }
  }
}
