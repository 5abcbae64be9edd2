package dev.utter.producer;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.Priority;
import dev.utter.events.RequestState;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Publishes requests and follows their results. */
@Command(
    name = "produce",
    mixinStandardHelpOptions = true,
    exitCodeOnExecutionException = 3,
    description = "Publishes requests, follows their results and downloads the clips.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:every request completed and was verified MATCH",
      "1:some request failed or was not verified",
      "2:wrong command line or request file",
      "3:Kafka, the registry or the object store could not be used, or time ran out"
    })
public final class ProduceCommand implements Callable<Integer> {
  private static final int NOT_ALL_COMPLETED = 1;

  @Spec private CommandSpec spec;
  @Mixin private AccessOptions access;

  @ArgGroup(multiplicity = "1")
  private Source source;

  private static final class Source {
    @Option(names = "--text", paramLabel = "TEXT", description = "What to say: one request.")
    private String text;

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "Requests as lines of JSON, with the fields of the event ('-': stdin).")
    private Path file;

    @Option(
        names = "--page",
        paramLabel = "PORT",
        description = "Serve a small web page for trying it out.")
    private Integer page;
  }

  @Option(
      names = "--page-address",
      paramLabel = "ADDRESS",
      description =
          "Where the page listens (default: ${DEFAULT-VALUE}). It asks nobody for a password.",
      defaultValue = "127.0.0.1")
  private InetAddress pageAddress;

  @Option(names = "--request-id", paramLabel = "ID", description = "Id of the --text request.")
  private String requestId;

  @Option(
      names = "--speaker",
      paramLabel = "N",
      description = "Speaker number (default: ${DEFAULT-VALUE}).",
      defaultValue = "0")
  private int speaker;

  @Option(
      names = "--context",
      paramLabel = "N:TEXT:FILE",
      description =
          "Earlier utterance that sets the voice, uploaded to --bucket; oldest first. The first"
              + " colon ends the speaker, the last one begins the file.")
  private List<String> context = List.of();

  @Option(names = "--seed", paramLabel = "S", description = "Seed of the sampling noise.")
  private Long seed;

  @Option(names = "--temperature", paramLabel = "T", description = "Sampling temperature.")
  private Float temperature;

  @Option(names = "--top-k", paramLabel = "K", description = "Codes that may be sampled.")
  private Integer topK;

  @Option(
      names = "--max-duration",
      paramLabel = "SECONDS",
      description = "Longest audio wanted, 0.08 to 90.")
  private Double maxDuration;

  @Option(names = "--format", paramLabel = "F", description = "${COMPLETION-CANDIDATES}.")
  private AudioFormat format;

  @Option(names = "--priority", paramLabel = "P", description = "${COMPLETION-CANDIDATES}.")
  private Priority priority;

  @Option(
      names = "--bucket",
      paramLabel = "BUCKET",
      description = "Where context recordings are uploaded (default: ${DEFAULT-VALUE}).",
      defaultValue = "${env:UTTER_OUTPUT_BUCKET:-utter}")
  private String bucket;

  @Option(names = "--out", paramLabel = "DIR", description = "Download the clips into this folder.")
  private Path out;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for the results (default: ${DEFAULT-VALUE}).",
      defaultValue = "600")
  private long timeoutSeconds;

  @Option(names = "--json", description = "Print one line of JSON per request.")
  private boolean json;

  private final Clock clock = Clock.systemUTC();

  @Override
  public Integer call() throws Exception {
    try (SynthesisClient client = new SynthesisClient(access.kafka());
        ResultFollower follower = new ResultFollower(access.kafka())) {
      if (source.page != null) {
        return serve(client, follower);
      }
      return publish(client, follower, requests());
    }
  }

  private int serve(SynthesisClient client, ResultFollower follower) throws Exception {
    try (AudioStore store = new AudioStore(access.storage(System::getenv));
        ProducerPage page =
            new ProducerPage(
                new InetSocketAddress(pageAddress, source.page), client, follower, store, clock)) {
      spec.commandLine().getErr().println("Open " + page.url() + " (Ctrl-C ends it)");
      Thread.currentThread().join();
      return 0;
    }
  }

  private List<SynthesisRequested> requests() throws IOException {
    if (source.text != null) {
      SynthesisRequested request = line().toEvent(clock);
      return List.of(
          context.isEmpty()
              ? request
              : SynthesisRequested.newBuilder(request).setContext(uploadContext()).build());
    }
    List<SynthesisRequested> requests = new ArrayList<>();
    int number = 0;
    for (String line : lines()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        requests.add(RequestLine.parse(line).toEvent(clock));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(
            spec.commandLine(), source.file + ", line " + number + ": " + e.getMessage(), e);
      }
    }
    return requests;
  }

  private List<String> lines() throws IOException {
    if (source.file.toString().equals("-")) {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    return Files.readAllLines(source.file);
  }

  private RequestLine line() {
    return new RequestLine(
        requestId,
        source.text,
        speaker,
        null,
        maxDuration == null ? null : (int) Math.round(maxDuration * 1000),
        temperature,
        topK,
        seed,
        format,
        null,
        null,
        priority,
        null,
        null);
  }

  private List<ContextUtterance> uploadContext() throws IOException {
    List<ContextUtterance> utterances = new ArrayList<>();
    try (AudioStore store = new AudioStore(access.storage(System::getenv))) {
      for (String argument : context) {
        ContextArgument utterance = parse(argument);
        String key = "context/" + UUID.randomUUID() + "-" + utterance.file().getFileName();
        utterances.add(
            ContextUtterance.newBuilder()
                .setSpeaker(utterance.speaker())
                .setText(utterance.text())
                .setAudio(store.upload(utterance.file(), bucket, key))
                .build());
      }
    }
    return utterances;
  }

  private ContextArgument parse(String argument) {
    try {
      return ContextArgument.parse(argument);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--context: " + e.getMessage(), e);
    }
  }

  private int publish(
      SynthesisClient client, ResultFollower follower, List<SynthesisRequested> requests)
      throws Exception {
    Map<String, CompletableFuture<RequestProgress>> results = new LinkedHashMap<>();
    for (SynthesisRequested request : requests) {
      results.put(
          request.getRequestId(), follower.follow(request.getRequestId(), this::showProgress));
    }
    for (SynthesisRequested request : requests) {
      client.publish(request).get(timeoutSeconds, TimeUnit.SECONDS);
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    boolean allCompleted = true;
    for (Map.Entry<String, CompletableFuture<RequestProgress>> entry : results.entrySet()) {
      RequestProgress result = await(entry.getKey(), entry.getValue(), deadline);
      show(result);
      allCompleted &= result.verified().filter(v -> v.getVerdict() == Verdict.MATCH).isPresent();
    }
    return allCompleted ? 0 : NOT_ALL_COMPLETED;
  }

  private static RequestProgress await(
      String requestId, CompletableFuture<RequestProgress> result, long deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return result.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new TimeoutException("no outcome of request " + requestId + " within --timeout");
    }
  }

  private void showProgress(RequestProgress progress) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(
        progress.requestId() + " " + progress.state().map(RequestState::name).orElse("PUBLISHED"));
    err.flush();
  }

  private void show(RequestProgress result) throws IOException {
    PrintWriter stdout = spec.commandLine().getOut();
    Path clip = null;
    if (out != null && result.completed().isPresent()) {
      clip = download(result.completed().get());
    }
    if (json) {
      var line = ResultLine.of(result);
      if (clip != null) {
        line.put("file", clip.toString());
      }
      stdout.println(line);
    } else if (result.failed().isPresent()) {
      stdout.println(
          result.requestId()
              + " failed: "
              + result.failed().get().getCode()
              + ", "
              + result.failed().get().getMessage());
    } else {
      SynthesisCompleted completed = result.completed().orElseThrow();
      stdout.printf(
          Locale.ROOT,
          "%s completed: %.2f s in %s/%s, watermark %s%s%n",
          result.requestId(),
          completed.getDurationMillis() / 1000.0,
          completed.getAudio().getBucket(),
          completed.getAudio().getKey(),
          result.verified().orElseThrow().getVerdict(),
          clip == null ? "" : ", downloaded to " + clip);
    }
    stdout.flush();
  }

  private Path download(SynthesisCompleted completed) throws IOException {
    String key = completed.getAudio().getKey();
    Path file = out.resolve(key.substring(key.lastIndexOf('/') + 1));
    try (AudioStore store = new AudioStore(access.storage(System::getenv))) {
      store.download(completed.getAudio(), file);
    }
    return file;
  }
}
