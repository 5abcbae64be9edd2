package dev.utter.cli;

import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.events.VerificationRequested;
import dev.utter.worker.avro.EventSerializer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Hostile records; the same seed gives the same records. Each is a valid record with one change.
 */
final class HostileRecords {
  private static final int MAX_DURATION_MILLIS = 160;

  private static final List<String> TEXTS =
      List.of(
          "<|end_of_text|>",
          "[1] hello [99]",
          "\u200b".repeat(4000),
          "\u202eolleh\u2066",
          "a\u0000b",
          "e" + "\u0301".repeat(3999),
          "x".repeat(100_000),
          "\ud83d\ude00".repeat(500),
          " \t\n ",
          "");

  private final Random random;
  private final EventSerializer serializer;
  private final List<Integer> hostileSchemas;
  private final List<String> contextKeys;
  private int number;

  /**
   * A source of records.
   *
   * @param serializer writes the good records that are changed
   * @param hostileSchemas ids of schemas that must not be followed
   * @param contextKeys objects of the bucket that are no recordings
   */
  HostileRecords(
      long seed,
      EventSerializer serializer,
      List<Integer> hostileSchemas,
      List<String> contextKeys) {
    random = new Random(seed);
    this.serializer = serializer;
    this.hostileSchemas = hostileSchemas;
    this.contextKeys = contextKeys;
  }

  /** The next one. */
  ProducerRecord<byte[], byte[]> next() {
    String id = "hostile-" + number++;
    return switch (number % 12) {
      case 0 -> request(id, flipped(bytes(good(id))));
      case 1 -> request(id, cut(bytes(good(id))));
      case 2 -> request(id, noise(bytes(good(id)), 5));
      case 3 -> request(id, noise(new byte[random.nextInt(40)], 0, 0x7f));
      case 4 -> request(id, ofHostileSchema());
      case 5 -> withOddKey(id);
      case 6 -> withOddHeaders(id);
      case 7 -> request(id, bytes(oddFields(good(id)).build()));
      case 8 -> cancellation(id);
      case 9 -> verification(id);
      case 10 -> request(id, bytes(withContext(good(id)).build()));
      default -> request(id, doubled(bytes(good(id))));
    };
  }

  private static SynthesisRequested.Builder good(String id) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("Hello.")
        .setOptions(
            GenerationOptions.newBuilder().setMaxDurationMillis(MAX_DURATION_MILLIS).build())
        .setRequestedAt(Instant.now());
  }

  private SynthesisRequested.Builder oddFields(SynthesisRequested.Builder request) {
    GenerationOptions.Builder options = GenerationOptions.newBuilder(request.getOptions());
    switch (random.nextInt(10)) {
      case 0 -> request.setDeadline(Instant.ofEpochMilli(random.nextLong()));
      case 1 -> request.setOptions(options.setMaxDurationMillis(random.nextInt()).build());
      case 2 -> request.setOptions(options.setTemperature(oddFloat()).build());
      case 3 -> request.setOptions(options.setTopK(-random.nextInt(5000)).build());
      case 4 -> request.setSpeaker(random.nextInt());
      case 5 -> request.setAttributes(attributes(60 + random.nextInt(10)));
      case 6 -> request.setOutput(new OutputLocation("minio", "../" + random.nextInt()));
      case 7 -> request.setOutput(new OutputLocation(null, "\u202e\u2028/" + random.nextInt()));
      case 8 -> request.setRequestedAt(Instant.ofEpochMilli(Long.MIN_VALUE));
      default -> request.setText(TEXTS.get(random.nextInt(TEXTS.size())));
    }
    return request;
  }

  private float oddFloat() {
    float[] values = {Float.NaN, Float.POSITIVE_INFINITY, -1, 0, Float.MIN_VALUE, 1e-38f, 1e38f};
    return values[random.nextInt(values.length)];
  }

  private static Map<String, String> attributes(int count) {
    Map<String, String> attributes = new HashMap<>();
    for (int i = 0; i < count; i++) {
      attributes.put("k" + i, "\u20ac".repeat(200));
    }
    return attributes;
  }

  private SynthesisRequested.Builder withContext(SynthesisRequested.Builder request) {
    String key = contextKeys.get(random.nextInt(contextKeys.size()));
    ObjectReference object = new ObjectReference(ChildWorkers.BUCKET, key, null);
    return request.setContext(List.of(new ContextUtterance(0, "Hello.", object)));
  }

  private ProducerRecord<byte[], byte[]> withOddKey(String id) {
    byte[] value = bytes(good(id));
    return switch (random.nextInt(5)) {
      case 0 -> new ProducerRecord<>(Topics.REQUESTS, null, value);
      case 1 -> new ProducerRecord<>(Topics.REQUESTS, new byte[0], value);
      case 2 -> new ProducerRecord<>(Topics.REQUESTS, noise(new byte[10_000], 0), value);
      case 3 -> request("not-" + id, value);
      default -> request(id + "\u0000\n\u001b[31m", value);
    };
  }

  private ProducerRecord<byte[], byte[]> withOddHeaders(String id) {
    ProducerRecord<byte[], byte[]> record = request(id, bytes(good(id)));
    switch (random.nextInt(4)) {
      case 0 -> record.headers().add("__value_schema_id", noise(new byte[random.nextInt(4)], 0));
      case 1 -> record.headers().add("__value_schema_id", null);
      case 2 -> record.headers().add("utter.dead-letter.topic", noise(new byte[5_000], 0));
      default -> {
        for (int i = 0; i < 200; i++) {
          record.headers().add("h" + i, noise(new byte[50], 0));
        }
      }
    }
    return record;
  }

  private ProducerRecord<byte[], byte[]> cancellation(String id) {
    SynthesisCancelled cancelled =
        SynthesisCancelled.newBuilder().setRequestId(id).setCancelledAt(Instant.now()).build();
    byte[] value = serializer.serialize(Topics.CANCELLATIONS, cancelled);
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    return switch (random.nextInt(3)) {
      case 0 -> new ProducerRecord<>(Topics.CANCELLATIONS, noise(new byte[200_000], 0), value);
      case 1 -> new ProducerRecord<>(Topics.CANCELLATIONS, key, flipped(value));
      default -> new ProducerRecord<>(Topics.CANCELLATIONS, null, noise(value, 5));
    };
  }

  private ProducerRecord<byte[], byte[]> verification(String id) {
    VerificationRequested wanted =
        VerificationRequested.newBuilder()
            .setRequestId(id)
            .setAudio(new ObjectReference(ChildWorkers.BUCKET, "context/" + id, null))
            .setRequestedAt(Instant.now())
            .build();
    byte[] value = serializer.serialize(Topics.VERIFICATION_REQUESTS, wanted);
    byte[] key = id.getBytes(StandardCharsets.UTF_8);
    return new ProducerRecord<>(
        Topics.VERIFICATION_REQUESTS, key, random.nextBoolean() ? flipped(value) : cut(value));
  }

  private byte[] ofHostileSchema() {
    int schema = hostileSchemas.get(random.nextInt(hostileSchemas.size()));
    byte[] value = noise(new byte[5 + random.nextInt(2_000)], 5);
    // Block counts and union branches, one after the other.
    Arrays.fill(value, 5, 5 + (value.length - 5) / 2, (byte) (random.nextBoolean() ? 2 : 0xfe));
    ByteBuffer.wrap(value).put((byte) 0).putInt(schema);
    return value;
  }

  private static ProducerRecord<byte[], byte[]> request(String key, byte[] value) {
    return new ProducerRecord<>(Topics.REQUESTS, key.getBytes(StandardCharsets.UTF_8), value);
  }

  private byte[] bytes(SynthesisRequested.Builder request) {
    return bytes(request.build());
  }

  private byte[] bytes(SpecificRecord request) {
    return serializer.serialize(Topics.REQUESTS, request);
  }

  /**
   * Changes bits after the schema id. A changed id would be unknown, and an unknown id is asked for
   * again.
   */
  private byte[] flipped(byte[] value) {
    for (int i = 0; i <= random.nextInt(8); i++) {
      value[5 + random.nextInt(value.length - 5)] ^= (byte) (1 << random.nextInt(8));
    }
    return value;
  }

  private byte[] cut(byte[] value) {
    return Arrays.copyOf(value, 5 + random.nextInt(value.length - 5));
  }

  private byte[] doubled(byte[] value) {
    byte[] longer = Arrays.copyOf(value, 2 * value.length);
    System.arraycopy(value, 5, longer, 5 + random.nextInt(value.length - 5), value.length - 5);
    return longer;
  }

  private byte[] noise(byte[] value, int from) {
    byte[] bytes = new byte[value.length - Math.min(value.length, from)];
    random.nextBytes(bytes);
    System.arraycopy(bytes, 0, value, value.length - bytes.length, bytes.length);
    return value;
  }

  private byte[] noise(byte[] value, int from, int first) {
    byte[] noise = noise(value, from);
    if (noise.length > 0) {
      noise[0] = (byte) first;
    }
    return noise;
  }
}
