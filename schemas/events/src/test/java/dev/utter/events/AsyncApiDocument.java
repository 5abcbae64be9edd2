package dev.utter.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.avro.Schema;

/**
 * The AsyncAPI document of the public topics, from the side of a client: it sends what workers
 * receive, and receives what they send. All of it comes from the schemas, the topics and the tables
 * of this class.
 */
final class AsyncApiDocument {
  private static final String AVRO = "application/vnd.apache.avro;version=1.9.0";
  private static final String BINDING_VERSION = "0.5.0";

  private static final String DEAD_LETTER = "DeadLetter";
  private static final String MARK = "DeadLetterMark";
  private static final String ERASURE = "Erasure";

  /**
   * A topic that clients use.
   *
   * @param id name of the channel in the document
   * @param operation name of what clients do with it
   * @param action {@code send} or {@code receive}, of the client
   * @param messages its messages, events or records without a schema
   */
  private record Channel(
      String id, String topic, String operation, String action, List<String> messages) {}

  private static final List<Channel> CHANNELS =
      List.of(
          new Channel(
              "requests",
              Topics.REQUESTS,
              "requestSynthesis",
              "send",
              List.of("SynthesisRequested")),
          new Channel(
              "cancellations",
              Topics.CANCELLATIONS,
              "cancelSynthesis",
              "send",
              List.of("SynthesisCancelled")),
          new Channel(
              "verificationRequests",
              Topics.VERIFICATION_REQUESTS,
              "requestVerification",
              "send",
              List.of("VerificationRequested")),
          new Channel(
              "completed",
              Topics.COMPLETED,
              "receiveCompleted",
              "receive",
              List.of("SynthesisCompleted")),
          new Channel(
              "failed", Topics.FAILED, "receiveFailed", "receive", List.of("SynthesisFailed")),
          new Channel(
              "verified",
              Topics.VERIFIED,
              "receiveVerified",
              "receive",
              List.of("WatermarkVerified", ERASURE)),
          new Channel(
              "status",
              Topics.STATUS,
              "receiveStatus",
              "receive",
              List.of("RequestStatus", ERASURE)),
          new Channel(
              "deadLetters",
              Topics.DEAD_LETTERS,
              "receiveDeadLetters",
              "receive",
              List.of(DEAD_LETTER, MARK)));

  /**
   * A header of records.
   *
   * @param required whether each record of these messages has it
   * @param messages the messages that have it
   */
  private record Header(String name, boolean required, String description, List<String> messages) {}

  private static final List<String> TRACED =
      List.of(
          "SynthesisRequested",
          "SynthesisCompleted",
          "SynthesisFailed",
          "WatermarkVerified",
          DEAD_LETTER);

  /** Add a header here, and it is in the document. */
  private static final List<Header> HEADERS =
      List.of(
          new Header(
              PublisherHeader.NAME,
              false,
              "Who publishes the record: ASCII, 1 to 64 of A-Z a-z 0-9 . _ : @ / -. Workers can set"
                  + " another name with publishers.header.",
              List.of("SynthesisRequested", "SynthesisCancelled")),
          new Header(
              DeadLetterHeaders.REDRIVES,
              false,
              "How many times an operator had the request processed again, decimal.",
              List.of("SynthesisCompleted", "SynthesisFailed", DEAD_LETTER)),
          new Header("traceparent", false, "Trace context by the W3C.", TRACED),
          new Header("tracestate", false, "Trace context by the W3C.", TRACED),
          cloudEvent("ce_specversion", "Version of CloudEvents."),
          cloudEvent("ce_id", "The eventId."),
          cloudEvent("ce_source", "Setting cloudEvents.source of the worker."),
          cloudEvent("ce_type", "Name of the schema."),
          cloudEvent("ce_subject", "The requestId."),
          cloudEvent("ce_time", "Time of the event in RFC 3339."),
          cloudEvent("content-type", "application/avro, where the headers ce_ are."),
          deadLetter(DeadLetterHeaders.TOPIC, true, "Topic that the record came from."),
          deadLetter(
              DeadLetterHeaders.PARTITION, true, "Partition that the record came from, decimal."),
          deadLetter(
              DeadLetterHeaders.OFFSET, true, "Offset of the record in that partition, decimal."),
          deadLetter(
              DeadLetterHeaders.TIMESTAMP,
              true,
              "Timestamp of the record, milliseconds since the epoch, decimal."),
          deadLetter(
              DeadLetterHeaders.REASON,
              true,
              "Why it is a dead letter: UNDECODABLE, FAULT or a failure code."),
          deadLetter(DeadLetterHeaders.MESSAGE, true, "The same as text for people."),
          deadLetter(
              DeadLetterHeaders.OMITTED,
              false,
              "Size of a value that was left out because the broker does not take it."),
          mark(DeadLetterHeaders.HANDLED, "Offset of the dead letter on this partition, decimal."),
          mark(DeadLetterHeaders.ACTION, "REDRIVEN or DROPPED."));

  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  private AsyncApiDocument() {}

  private static Header deadLetter(String name, boolean required, String description) {
    return new Header(name, required, description, List.of(DEAD_LETTER));
  }

  /** Of outcomes and verdicts, where a worker has cloudEvents.enabled. */
  private static Header cloudEvent(String name, String description) {
    return new Header(
        name,
        false,
        description,
        List.of("SynthesisCompleted", "SynthesisFailed", "WatermarkVerified"));
  }

  private static Header mark(String name, String description) {
    return new Header(name, true, description, List.of(MARK));
  }

  /** The document as YAML. */
  static String yaml() throws IOException, ReflectiveOperationException {
    return "# Generated from schemas/events; AsyncApiTest says how.\n"
        + YAML.writeValueAsString(document());
  }

  /** A document as it is read from YAML. */
  static JsonNode parse(String yaml) throws IOException {
    return YAML.readTree(yaml);
  }

  private static ObjectNode document() throws IOException, ReflectiveOperationException {
    ObjectNode document = object().put("asyncapi", "3.0.0");
    document.set("info", info());
    document.put("defaultContentType", AVRO);
    document.set("servers", servers());
    ObjectNode channels = document.putObject("channels");
    ObjectNode operations = document.putObject("operations");
    for (Channel channel : CHANNELS) {
      channels.set(channel.id(), channel(channel));
      operations.set(channel.operation(), operation(channel));
    }
    document.set("components", components());
    return document;
  }

  private static ObjectNode info() {
    ObjectNode info = object().put("title", "Utter").put("version", "1.0.0");
    info.put(
        "description",
        """
        Speech synthesis by events: publish a request, receive one outcome. The document is written from the side of a client, which sends requests and \
        receives outcomes. Read outcomes with isolation.level read_committed. docs/events.md explains topics, failure codes and headers.
        """
            .strip());
    info.putObject("license")
        .put("name", "Apache-2.0")
        .put("url", "https://www.apache.org/licenses/LICENSE-2.0");
    return info;
  }

  private static ObjectNode servers() {
    ObjectNode servers = object();
    ObjectNode server = servers.putObject("kafka");
    server.put("host", "{bootstrapServer}").put("protocol", "kafka-secure");
    server.put("description", "The brokers and the schema registry of a deployment.");
    server
        .putObject("variables")
        .putObject("bootstrapServer")
        .put("default", "broker:9092")
        .put("description", "Address of a broker, host:port.");
    binding(server)
        .put("schemaRegistryUrl", "https://registry:8081")
        .put("schemaRegistryVendor", "confluent")
        .put("bindingVersion", BINDING_VERSION);
    return servers;
  }

  private static ObjectNode channel(Channel channel) {
    TopicSpec spec = Topics.spec(channel.topic());
    ObjectNode node = object().put("address", channel.topic());
    node.put(
        "description",
        "The key of a record is the request id. "
            + (spec.cleanup() == TopicSpec.Cleanup.COMPACT
                ? "Compacted: the last record of each key stays."
                : "Records are deleted after the topic's retention; below is that of topics which"
                    + " workers create."));
    ObjectNode messages = node.putObject("messages");
    for (String message : channel.messages()) {
      messages.putObject(message).put("$ref", "#/components/messages/" + message);
    }
    ObjectNode kafka = binding(node).put("topic", channel.topic());
    // AsyncAPI wants a number here, and that is up to each deployment.
    kafka.put("x-partitions", "kafka.createTopics.partitions");
    ObjectNode configuration = kafka.putObject("topicConfiguration");
    spec.properties(TopicSpec.IDS_REMEMBERED)
        .forEach(
            (name, value) -> {
              if (name.equals(TopicSpec.CLEANUP_POLICY)) {
                configuration.putArray(name).add(value);
              } else {
                configuration.put(name, Long.parseLong(value));
              }
            });
    kafka.put("bindingVersion", BINDING_VERSION);
    return node;
  }

  private static ObjectNode operation(Channel channel) {
    ObjectNode operation = object().put("action", channel.action());
    operation.putObject("channel").put("$ref", "#/channels/" + channel.id());
    operation
        .putArray("tags")
        .addObject()
        .put("name", channel.action().equals("send") ? "producer" : "consumer");
    ArrayNode messages = operation.putArray("messages");
    for (String message : channel.messages()) {
      messages.addObject().put("$ref", "#/channels/" + channel.id() + "/messages/" + message);
    }
    return operation;
  }

  private static ObjectNode components() throws IOException, ReflectiveOperationException {
    ObjectNode components = object();
    ObjectNode messages = components.putObject("messages");
    ObjectNode schemas = object();
    for (Channel channel : CHANNELS) {
      for (String message : channel.messages()) {
        if (EventSchemas.events().contains(message)) {
          Schema schema = EventSchemas.current(message);
          messages.set(message, event(message, schema));
          schemas
              .putObject(message)
              .put("schemaFormat", AVRO)
              .set("schema", YAML.readTree(schema.toString()));
        }
      }
    }
    messages.set(
        ERASURE,
        withoutEvent(
            ERASURE,
            "A record without value: the request was forgotten.",
            "application/octet-stream",
            object().put("type", "null")));
    messages.set(
        DEAD_LETTER,
        withoutEvent(
            DEAD_LETTER,
            "A record that could not be decoded or finished: key, value and headers are those of"
                + " the record, byte for byte.",
            "application/octet-stream",
            object().put("description", "The bytes of the record.")));
    messages.set(
        MARK,
        withoutEvent(
            MARK,
            "What an operator did about a dead letter. It has the key of the dead letter and no"
                + " value.",
            "application/octet-stream",
            object().put("type", "null")));
    components.set("schemas", schemas);
    components
        .putObject("correlationIds")
        .putObject("requestId")
        .put("description", "The id of the request, which is also the key of the record.")
        .put("location", "$message.payload#/requestId");
    return components;
  }

  private static ObjectNode event(String name, Schema schema) {
    ObjectNode message = message(name, schema.getDoc(), AVRO);
    message.putObject("correlationId").put("$ref", "#/components/correlationIds/requestId");
    message.putObject("payload").put("$ref", "#/components/schemas/" + name);
    ObjectNode kafka = binding(message);
    kafka.set("key", key());
    kafka
        .put("schemaIdLocation", "payload")
        .put("schemaIdPayloadEncoding", "confluent")
        .put("schemaLookupStrategy", "TopicNameStrategy")
        .put("bindingVersion", BINDING_VERSION);
    return message;
  }

  private static ObjectNode withoutEvent(
      String name, String summary, String contentType, ObjectNode payload) {
    ObjectNode message = message(name, summary, contentType);
    message.set("payload", payload);
    ObjectNode kafka = binding(message);
    kafka.set("key", key());
    kafka.put("bindingVersion", BINDING_VERSION);
    return message;
  }

  private static ObjectNode message(String name, String summary, String contentType) {
    ObjectNode message =
        object().put("name", name).put("title", title(name)).put("summary", summary);
    message.put("contentType", contentType);
    List<Header> headers =
        HEADERS.stream().filter(header -> header.messages().contains(name)).toList();
    if (!headers.isEmpty()) {
      ObjectNode node = message.putObject("headers").put("type", "object");
      List<Header> required = headers.stream().filter(Header::required).toList();
      if (!required.isEmpty()) {
        ArrayNode names = node.putArray("required");
        required.forEach(header -> names.add(header.name()));
      }
      ObjectNode properties = node.putObject("properties");
      for (Header header : headers) {
        properties
            .putObject(header.name())
            .put("type", "string")
            .put("description", header.description());
      }
    }
    return message;
  }

  private static ObjectNode key() {
    return object()
        .put("type", "string")
        .put("pattern", "^[A-Za-z0-9._:-]{1,128}$")
        .put("description", "The request id, UTF-8.");
  }

  /** SynthesisRequested becomes "Synthesis requested". */
  private static String title(String name) {
    String words = name.replaceAll("(?<=[a-z])(?=[A-Z])", " ");
    return words.charAt(0) + words.substring(1).toLowerCase(Locale.ROOT);
  }

  private static ObjectNode binding(ObjectNode of) {
    return of.putObject("bindings").putObject("kafka");
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
