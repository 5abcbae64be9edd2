package dev.utter.worker.avro;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import dev.utter.events.SynthesisRequested;
import java.util.List;
import org.apache.avro.Schema;

/** Schemas as a producer might register them for requests: right, later, wrong and hostile ones. */
final class ForeignSchemas {
  private static final List<String> PLAIN =
      List.of("null", "boolean", "int", "long", "float", "double", "bytes", "string");
  private static final List<Schema.Field> KNOWN = SynthesisRequested.getClassSchema().getFields();
  private static final int MAX_DEPTH = 20;
  private static final int MAX_FIELDS = 12;

  private final FuzzedDataProvider data;
  private int names;

  private ForeignSchemas(FuzzedDataProvider data) {
    this.data = data;
  }

  /** The text of a schema for a record of the name that readers expect. */
  static String of(FuzzedDataProvider data) {
    return new ForeignSchemas(data).record("dev.utter.events.SynthesisRequested", 0);
  }

  private String record(String name, int depth) {
    StringBuilder fields = new StringBuilder();
    int count = data.consumeInt(0, MAX_FIELDS);
    for (int i = 0; i < count; i++) {
      fields.append(i == 0 ? "" : ",").append(field(depth));
    }
    return "{\"type\":\"record\",\"name\":\"" + name + "\",\"fields\":[" + fields + "]}";
  }

  private String field(int depth) {
    boolean known = data.consumeBoolean();
    Schema.Field like = KNOWN.get(data.consumeInt(0, KNOWN.size() - 1));
    String name = known ? like.name() : "f" + names++;
    // A type that is named a second time must not be written out a second time.
    boolean simple = known && like.schema().getType().ordinal() >= Schema.Type.STRING.ordinal();
    String type = simple && data.consumeBoolean() ? like.schema().toString() : type(depth + 1);
    return "{\"name\":\"" + name + "\",\"type\":" + type + "}";
  }

  private String type(int depth) {
    int kind = depth > MAX_DEPTH ? 0 : data.consumeInt(0, 6);
    return switch (kind) {
      case 1 -> "{\"type\":\"array\",\"items\":" + type(depth + 1) + "}";
      case 2 -> "{\"type\":\"map\",\"values\":" + type(depth + 1) + "}";
      case 3 -> "[\"null\"," + type(depth + 1) + "]";
      case 4 -> record("R" + names++, depth);
      case 5 ->
          "{\"type\":\"fixed\",\"name\":\"F%d\",\"size\":%d}"
              .formatted(names++, data.consumeInt(0, 1 << 20));
      case 6 -> "\"dev.utter.events.SynthesisRequested\"";
      default -> "\"" + data.pickValue(PLAIN) + "\"";
    };
  }
}
