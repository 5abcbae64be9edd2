package dev.utter.embedded.traces;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The fields of a message in the wire format of Protocol Buffers, by their numbers. */
final class ProtobufMessage {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;
  private static final int TYPE_BITS = 3;

  private final Map<Integer, List<byte[]>> bytes = new TreeMap<>();
  private final Map<Integer, Long> numbers = new TreeMap<>();

  /**
   * Parses a message.
   *
   * @throws IllegalArgumentException if it has a field of an unknown type
   */
  ProtobufMessage(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      int field = tag >>> TYPE_BITS;
      switch (tag & ((1 << TYPE_BITS) - 1)) {
        case VARINT -> numbers.put(field, varint(in));
        case FIXED64 -> numbers.put(field, in.getLong());
        case FIXED32 -> numbers.put(field, (long) in.getInt());
        case LENGTH -> {
          byte[] content = new byte[(int) varint(in)];
          in.get(content);
          bytes.computeIfAbsent(field, key -> new ArrayList<>()).add(content);
        }
        default -> throw new IllegalArgumentException("field " + field + " has an unknown type");
      }
    }
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }

  List<ProtobufMessage> messages(int field) {
    return bytes.getOrDefault(field, List.of()).stream().map(ProtobufMessage::new).toList();
  }

  Optional<ProtobufMessage> message(int field) {
    return messages(field).stream().findFirst();
  }

  Optional<String> text(int field) {
    return first(field).map(content -> new String(content, UTF_8));
  }

  /** The bytes of a field in hexadecimal; empty if there are none. */
  Optional<String> hex(int field) {
    return first(field).filter(content -> content.length > 0).map(HexFormat.of()::formatHex);
  }

  OptionalLong number(int field) {
    Long value = numbers.get(field);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private Optional<byte[]> first(int field) {
    return bytes.getOrDefault(field, List.of()).stream().findFirst();
  }
}
