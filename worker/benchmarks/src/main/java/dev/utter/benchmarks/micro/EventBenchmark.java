package dev.utter.benchmarks.micro;

import dev.utter.events.EventClasses;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.EventSerializer;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A request to Confluent's wire format and back. The client has its schema in its cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EventBenchmark {
  static {
    EventClasses.trust();
  }

  private static final Map<String, ?> REGISTRY =
      Map.of("schema.registry.url", "mock://benchmark", "specific.avro.reader", true);

  private final SynthesisRequested event =
      SynthesisRequested.newBuilder()
          .setRequestId("6f1d2c1e-7b0f-4f3c-9a55-0d4a5b6c7d8e")
          .setText("The past is just a story we tell ourselves.")
          .setRequestedAt(Instant.EPOCH)
          .build();

  private EventSerializer serializer;
  private EventDeserializer<SynthesisRequested> deserializer;
  private byte[] bytes;

  /** Registers the schema. */
  @Setup(Level.Trial)
  public void open() {
    serializer = new EventSerializer(REGISTRY);
    deserializer = new EventDeserializer<>(SynthesisRequested.class, REGISTRY);
    bytes = serializer.serialize(Topics.REQUESTS, event);
  }

  /** To bytes. */
  @Benchmark
  public byte[] serialize() {
    return serializer.serialize(Topics.REQUESTS, event);
  }

  /** From bytes. */
  @Benchmark
  public SynthesisRequested deserialize() {
    return deserializer.deserialize(Topics.REQUESTS, bytes);
  }

  /** Closes the registry's client. */
  @TearDown(Level.Trial)
  public void close() {
    serializer.close();
    deserializer.close();
  }
}
