package dev.utter.worker.streams;

import java.util.List;
import org.apache.kafka.streams.Topology;

/** A Kafka Streams stage of the worker. Closed after its Streams client. */
public interface Stage extends AutoCloseable {

  /** Name of the stage; the application id ends with it. */
  String name();

  /** Topics it reads. */
  List<String> inputs();

  /** Topics it writes. */
  List<String> outputs();

  /** Topics that must have one and the same number of partitions. */
  default List<String> equallyPartitioned() {
    return List.of();
  }

  /** A new topology of byte arrays. */
  Topology topology();

  @Override
  void close();
}
