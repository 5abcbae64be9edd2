package dev.utter.producer.command;

import dev.utter.events.SynthesisRequested;
import dev.utter.events.Verdict;
import dev.utter.producer.client.KafkaAccess;
import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.client.ResultFollower;
import dev.utter.producer.client.SynthesisClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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

  /**
   * Replacement character, which Java puts in place of bytes that are not valid in the locale's
   * encoding.
   */
  private static final char REPLACEMENT = '\uFFFD';

  private static final long MAX_CONNECT_SECONDS = 60;

  /** A person waits for the answer. */
  private static final Duration PAGE_CONNECT = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;
  @Mixin private AccessOptions access;
  @Mixin private RequestOptions fields;
  @Mixin private ContextOptions context;
  @Mixin private PageOptions page;
  @Mixin private ResultPrinter.Options results;

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
      names = "--publisher",
      paramLabel = "NAME",
      description = "Name under which requests are published; they belong to it.")
  private String publisher;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description =
          "How long it may take to connect, publish and get the results (default: ${DEFAULT-VALUE}).",
      defaultValue = "600")
  private long timeoutSeconds;

  private final Clock clock = Clock.systemUTC();

  @Override
  public Integer call() throws Exception {
    if (timeoutSeconds < 1) {
      throw new ParameterException(
          spec.commandLine(), "--timeout is " + timeoutSeconds + ", must be 1 or more");
    }
    // Check the input before connecting.
    List<ContextArgument> recordings = context.recordings();
    List<SynthesisRequested> requests = source.page == null ? requests() : List.of();
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(timeoutSeconds).toNanos();
    Duration connect = Duration.ofSeconds(Math.min(timeoutSeconds, MAX_CONNECT_SECONDS));
    KafkaAccess kafka = kafkaAccess();
    try (ProducerTraces traces = ProducerTraces.open(System.getenv());
        ResultFollower follower = new ResultFollower(kafka, connect);
        SynthesisClient client =
            new SynthesisClient(
                kafka,
                source.page == null ? connect : PAGE_CONNECT,
                Optional.ofNullable(publisher),
                traces.requests())) {
      if (source.page != null) {
        return page.serve(source.page, client, follower, access, clock);
      }
      return publish(client, follower, context.addTo(requests, recordings, access), deadlineNanos);
    }
  }

  private KafkaAccess kafkaAccess() throws IOException {
    try {
      return access.kafka();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private List<SynthesisRequested> requests() throws IOException {
    if (source.text != null) {
      if (source.text.indexOf(REPLACEMENT) >= 0) {
        throw new ParameterException(
            spec.commandLine(),
            "--text has characters that the locale's encoding does not have: set LC_ALL=C.UTF-8");
      }
      return List.of(fields.line(source.text).toEvent(clock));
    }
    try {
      return RequestFile.read(source.file, clock);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int publish(
      SynthesisClient client,
      ResultFollower follower,
      List<SynthesisRequested> requests,
      long deadlineNanos)
      throws Exception {
    ResultPrinter printer = new ResultPrinter(spec.commandLine(), results, access);
    Map<String, FollowedRequest> followed = new LinkedHashMap<>();
    for (SynthesisRequested request : requests) {
      String id = request.getRequestId();
      followed.put(id, new FollowedRequest(id, follower, printer));
    }
    for (SynthesisRequested request : requests) {
      client.publish(request).get(FollowedRequest.millisTo(deadlineNanos), TimeUnit.MILLISECONDS);
    }
    boolean allCompleted = true;
    for (FollowedRequest request : followed.values()) {
      RequestProgress result = request.await(deadlineNanos);
      printer.result(result);
      allCompleted &= result.verified().filter(v -> v.getVerdict() == Verdict.MATCH).isPresent();
    }
    return allCompleted ? 0 : NOT_ALL_COMPLETED;
  }
}
