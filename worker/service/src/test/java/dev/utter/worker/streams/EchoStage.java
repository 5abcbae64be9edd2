package dev.utter.worker.streams;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Record;

/** A stage that passes on what it reads, as its handler says. */
record EchoStage(
    String in,
    String out,
    Guard guard,
    UnaryOperator<Record<byte[], byte[]>> handler,
    StageListener listener)
    implements Stage {

  @Override
  public String name() {
    return "echo";
  }

  @Override
  public List<String> inputs() {
    return List.of(in);
  }

  @Override
  public List<String> outputs() {
    return List.of(out);
  }

  @Override
  public Topology topology() {
    ByteArrayDeserializer from = new ByteArrayDeserializer();
    ByteArraySerializer to = new ByteArraySerializer();
    return new Topology()
        .addSource("source", from, from, in)
        .addProcessor(
            "echo",
            () ->
                new GuardedProcessor(
                    record -> List.of(new Emission(out, handler.apply(record))), guard, listener),
            "source")
        .addSink(out, out, to, to, "echo")
        .addSink(GuardedProcessor.DEAD_LETTERS, out + ".letters", to, to, "echo");
  }

  @Override
  public void close() {}
}
