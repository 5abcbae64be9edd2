package dev.utter.producer.command;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextNote;
import dev.utter.events.ContextUtterance;
import dev.utter.events.Priority;
import dev.utter.events.RequestState;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Verdict;
import dev.utter.producer.client.AudioStore;
import dev.utter.producer.client.KafkaAccess;
import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.client.ResultFollower;
import dev.utter.producer.client.SynthesisClient;
import dev.utter.producer.json.RequestLine;
import dev.utter.producer.json.ResultLine;
import dev.utter.producer.page.ProducerPage;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

  /** What Java makes of bytes that are no character in the locale's encoding. */
  private static final char REPLACEMENT = '\uFFFD';

  private static final long MAX_CONNECT_SECONDS = 60;

  /** A person waits for the answer. */
  private static final Duration PAGE_CONNECT = Duration.ofSeconds(10);

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

  @Option(
      names = "--page-host",
      paramLabel = "NAME",
      description =
          "A further name under which the page is opened, beside localhost and --page-address.")
  private List<String> pageHosts = List.of();

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

  @Option(
      names = "--tolerate-damaged-context",
      description =
          "Use damaged context recordings as far as they can be decoded, in all requests.")
  private boolean tolerateDamagedContext;

  @Option(
      names = "--publisher",
      paramLabel = "NAME",
      description = "Name under which requests are published; they belong to it.")
  private String publisher;

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
      description =
          "How long it may take to connect, publish and get the results (default: ${DEFAULT-VALUE}).",
      defaultValue = "600")
  private long timeoutSeconds;

  @Option(names = "--json", description = "Print one line of JSON per request.")
  private boolean json;

  private final Clock clock = Clock.systemUTC();

  @Override
  public Integer call() throws Exception {
    if (timeoutSeconds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--timeout is " + timeoutSeconds + ", must be 1 or more");
    }
    // What was typed is checked before anything is connected to.
    List<ContextArgument> utterances = context.stream().map(this::parse).toList();
    List<SynthesisRequested> requests = source.page == null ? requests() : List.of();
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    Duration connect = Duration.ofSeconds(Math.min(timeoutSeconds, MAX_CONNECT_SECONDS));
    KafkaAccess kafka = kafkaAccess();
    try (ResultFollower follower = new ResultFollower(kafka, connect);
        SynthesisClient client =
            new SynthesisClient(
                kafka,
                source.page == null ? connect : PAGE_CONNECT,
                Optional.ofNullable(publisher))) {
      if (source.page != null) {
        return serve(client, follower);
      }
      return publish(client, follower, withContext(requests, utterances), deadlineNanos);
    }
  }

  private KafkaAccess kafkaAccess() throws IOException {
    try {
      return access.kafka();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int serve(SynthesisClient client, ResultFollower follower) throws Exception {
    try (AudioStore store = new AudioStore(access.storage(System::getenv));
        ProducerPage page =
            new ProducerPage(
                new InetSocketAddress(pageAddress, source.page),
                pageHosts,
                client,
                follower,
                store,
                clock)) {
      if (!pageAddress.isLoopbackAddress()) {
        spec.commandLine()
            .getErr()
            .println(
                "The page asks nobody for a password: whoever reaches "
                    + pageAddress.getHostAddress()
                    + " has this producer's rights");
      }
      spec.commandLine().getErr().println("Open " + page.url() + " (Ctrl-C ends it)");
      Thread.currentThread().join();
      return 0;
    }
  }

  private List<SynthesisRequested> requests() throws IOException {
    if (source.text != null) {
      if (source.text.indexOf(REPLACEMENT) >= 0) {
        throw new ParameterException(
            spec.commandLine(),
            "--text has characters that the locale's encoding does not have: set LC_ALL=C.UTF-8");
      }
      return List.of(line().toEvent(clock));
    }
    List<SynthesisRequested> requests = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    int number = 0;
    for (String line : lines()) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        SynthesisRequested request = RequestLine.parse(line).toEvent(clock);
        if (!ids.add(request.getRequestId())) {
          throw new IllegalArgumentException(
              "requestId " + request.getRequestId() + " is used by an earlier line");
        }
        requests.add(request);
      } catch (IllegalArgumentException e) {
        throw new ParameterException(
            spec.commandLine(), source.file + ", line " + number + ": " + e.getMessage(), e);
      }
    }
    return requests;
  }

  private List<String> lines() throws IOException {
    byte[] bytes =
        source.file.toString().equals("-")
            ? System.in.readAllBytes()
            : Files.readAllBytes(source.file);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes))
          .toString()
          .lines()
          .toList();
    } catch (CharacterCodingException e) {
      throw new ParameterException(spec.commandLine(), source.file + " is not UTF-8", e);
    }
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
        null,
        null);
  }

  private List<SynthesisRequested> withContext(
      List<SynthesisRequested> requests, List<ContextArgument> utterances) throws IOException {
    List<ContextUtterance> uploaded = utterances.isEmpty() ? List.of() : upload(utterances);
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

  private List<ContextUtterance> upload(List<ContextArgument> utterances) throws IOException {
    List<ContextUtterance> uploaded = new ArrayList<>();
    try (AudioStore store = new AudioStore(access.storage(System::getenv))) {
      for (ContextArgument utterance : utterances) {
        String key = "context/" + UUID.randomUUID() + "-" + utterance.file().getFileName();
        uploaded.add(
            ContextUtterance.newBuilder()
                .setSpeaker(utterance.speaker())
                .setText(utterance.text())
                .setAudio(store.upload(utterance.file(), bucket, key))
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

  private int publish(
      SynthesisClient client,
      ResultFollower follower,
      List<SynthesisRequested> requests,
      long deadlineNanos)
      throws Exception {
    Map<String, Following> following = new LinkedHashMap<>();
    for (SynthesisRequested request : requests) {
      Following entry = new Following(request.getRequestId());
      following.put(request.getRequestId(), entry);
      entry.result = follower.follow(request.getRequestId(), entry::changed);
    }
    for (SynthesisRequested request : requests) {
      client.publish(request).get(millisTo(deadlineNanos), TimeUnit.MILLISECONDS);
    }
    boolean allCompleted = true;
    for (Following entry : following.values()) {
      RequestProgress result = await(entry, deadlineNanos);
      show(result);
      allCompleted &= result.verified().filter(v -> v.getVerdict() == Verdict.MATCH).isPresent();
    }
    return allCompleted ? 0 : NOT_ALL_COMPLETED;
  }

  private RequestProgress await(Following entry, long deadlineNanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return entry.result.get(millisTo(deadlineNanos), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // What was refused has its answer; the one that took the id may have ended long ago.
      if (entry.latest.refused().isPresent()) {
        return entry.latest;
      }
      throw new TimeoutException("no outcome of request " + entry.id + " within --timeout");
    }
  }

  private static long millisTo(long deadlineNanos) {
    return Math.max(0, Duration.ofNanos(deadlineNanos - System.nanoTime()).toMillis());
  }

  /** One request that is followed; {@code latest} is written by the follower's thread. */
  private final class Following {
    private final String id;
    private CompletableFuture<RequestProgress> result;
    private volatile RequestProgress latest;

    private Following(String id) {
      this.id = id;
      latest = RequestProgress.of(id);
    }

    private void changed(RequestProgress progress) {
      boolean refusedNow = latest.refused().isEmpty() && progress.refused().isPresent();
      latest = progress;
      if (refusedNow) {
        showRefusal(id, progress.refused().get());
      } else {
        showProgress(progress);
      }
    }
  }

  private void showRefusal(String id, SynthesisFailed refusal) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(
        id
            + " a record was refused: "
            + refusal.getCode()
            + ", "
            + refusal.getMessage()
            + "; waiting for the outcome of the request that has this id");
    err.flush();
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
    } else if (result.failed().or(() -> unlessFinished(result)).isPresent()) {
      SynthesisFailed failure = result.failed().or(result::refused).orElseThrow();
      stdout.println(
          result.requestId() + " failed: " + failure.getCode() + ", " + failure.getMessage());
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
      for (ContextNote note : completed.getContextNotes()) {
        stdout.printf(
            Locale.ROOT,
            "%s note: context %d at %.1f s: %s%n",
            result.requestId(),
            note.getContext(),
            note.getPositionMillis() / 1000.0,
            note.getMessage());
      }
    }
    stdout.flush();
  }

  private static Optional<SynthesisFailed> unlessFinished(RequestProgress result) {
    return result.isFinished() ? Optional.empty() : result.refused();
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
