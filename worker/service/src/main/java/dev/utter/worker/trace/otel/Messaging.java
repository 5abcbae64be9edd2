package dev.utter.worker.trace.otel;

/** Attributes of OpenTelemetry's conventions for messaging, and their values for Kafka. */
final class Messaging {
  static final String SYSTEM = "messaging.system";
  static final String OPERATION = "messaging.operation.name";
  static final String OPERATION_TYPE = "messaging.operation.type";
  static final String DESTINATION = "messaging.destination.name";
  static final String PARTITION = "messaging.destination.partition.id";
  static final String OFFSET = "messaging.kafka.offset";
  static final String KEY = "messaging.kafka.message.key";
  static final String GROUP = "messaging.consumer.group.name";
  static final String ERROR = "error.type";

  static final String KAFKA = "kafka";
  static final String PROCESS = "process";
  static final String SEND = "send";

  private Messaging() {}
}
