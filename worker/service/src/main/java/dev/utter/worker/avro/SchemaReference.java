package dev.utter.worker.avro;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * A record's reference to its writer's schema: a number or a GUID, before the event or in the
 * header {@value #HEADER}. A record with the header has no prefix.
 *
 * @param id number of the schema, unless there is a GUID
 * @param guid GUID of the schema
 * @param prefixBytes length of the prefix before the event, in bytes
 */
record SchemaReference(int id, Optional<UUID> guid, int prefixBytes) {
  /** Header that Confluent's serializers may write instead of a prefix, from version 8 on. */
  static final String HEADER = "__value_schema_id";

  private static final byte BY_ID = 0;
  private static final byte BY_GUID = 1;
  private static final int ID_BYTES = 1 + Integer.BYTES;
  private static final int GUID_BYTES = 1 + 2 * Long.BYTES;

  /**
   * The reference of one record.
   *
   * @throws UndecodableRecordException if there is none
   */
  static SchemaReference of(Headers headers, byte[] value) {
    if (value == null) {
      throw new UndecodableRecordException("value is null");
    }
    Header header = headers.lastHeader(HEADER);
    return header == null ? ofPrefix(value) : ofHeader(header.value());
  }

  private static SchemaReference ofPrefix(byte[] value) {
    if (value.length < ID_BYTES) {
      throw new UndecodableRecordException(
          "value of " + value.length + " bytes is too short for a magic byte and a schema id");
    }
    ByteBuffer buffer = ByteBuffer.wrap(value);
    byte magic = buffer.get();
    if (magic != BY_ID) {
      throw new UndecodableRecordException(
          String.format(
              "unknown magic byte 0x%02x, expected 0x00; the record has no header %s either",
              magic, HEADER));
    }
    return new SchemaReference(buffer.getInt(), Optional.empty(), ID_BYTES);
  }

  private static SchemaReference ofHeader(byte[] bytes) {
    if (bytes != null && bytes.length == ID_BYTES && bytes[0] == BY_ID) {
      return new SchemaReference(ByteBuffer.wrap(bytes, 1, 4).getInt(), Optional.empty(), 0);
    }
    if (bytes != null && bytes.length == GUID_BYTES && bytes[0] == BY_GUID) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, 16);
      return new SchemaReference(0, Optional.of(new UUID(buffer.getLong(), buffer.getLong())), 0);
    }
    throw new UndecodableRecordException(
        "header "
            + HEADER
            + " of "
            + (bytes == null ? 0 : bytes.length)
            + " bytes is neither 0x00 and a schema id of 4 bytes nor 0x01 and a GUID of 16");
  }

  /** Text for messages. */
  @Override
  public String toString() {
    return guid.map(known -> "schema GUID " + known + " of header " + HEADER)
        .orElse("schema id " + id);
  }
}
