package dev.utter.worker.avro.registry;

import java.util.HashSet;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * Limits on the schemas of writers. Anyone with write access to the registry can register one, and
 * the reader follows it through every field, including skipped ones. With a schema that keeps these
 * rules, each step of decoding consumes bytes of the record. So the record's length bounds the
 * time, and the schema bounds the depth of the stack.
 *
 * <p>Every published version of the events keeps them with room to spare.
 */
final class SchemaRules {
  /** Max length of the schema's JSON, in characters. */
  static final int MAX_TEXT_CHARS = 64 << 10;

  /** Max nesting of records, arrays, maps and unions. */
  static final int MAX_DEPTH = 16;

  /** Max fields of records and branches of unions, counted at each use of a record. */
  static final int MAX_FIELDS = 1000;

  private final Set<String> open = new HashSet<>();
  private int fields;

  private SchemaRules() {}

  /**
   * Checks the text.
   *
   * @throws RefusedSchemaException naming the rule that it breaks
   */
  static void checkText(String text) {
    if (text.length() > MAX_TEXT_CHARS) {
      throw new RefusedSchemaException(
          "it has %d characters, must have %d or less".formatted(text.length(), MAX_TEXT_CHARS));
    }
  }

  /**
   * Checks what was parsed.
   *
   * @throws RefusedSchemaException naming the rule that it breaks
   */
  static void check(Schema schema) {
    new SchemaRules().visit(schema, 1);
  }

  /** Returns whether every value of the schema has at least one byte. */
  private boolean visit(Schema schema, int depth) {
    if (depth > MAX_DEPTH) {
      throw new RefusedSchemaException("it is nested more than %d deep".formatted(MAX_DEPTH));
    }
    return switch (schema.getType()) {
      case NULL -> false;
      case FIXED -> schema.getFixedSize() > 0;
      case RECORD -> visitRecord(schema, depth);
      case UNION -> visitUnion(schema, depth);
      case ARRAY -> visitItems(schema.getElementType(), depth, "an array");
      case MAP -> visitItems(schema.getValueType(), depth, "a map");
      default -> true;
    };
  }

  private boolean visitRecord(Schema schema, int depth) {
    String name = schema.getFullName();
    if (!open.add(name)) {
      throw new RefusedSchemaException("record %s contains itself".formatted(name));
    }
    boolean hasSize = false;
    for (Schema.Field field : schema.getFields()) {
      count();
      hasSize |= visit(field.schema(), depth + 1);
    }
    open.remove(name);
    return hasSize;
  }

  private boolean visitUnion(Schema schema, int depth) {
    for (Schema branch : schema.getTypes()) {
      count();
      visit(branch, depth + 1);
    }
    return true;
  }

  private boolean visitItems(Schema items, int depth, String what) {
    if (!visit(items, depth + 1)) {
      throw new RefusedSchemaException(
          "it has %s of %s, which takes no bytes".formatted(what, name(items)));
    }
    return true;
  }

  private void count() {
    if (++fields > MAX_FIELDS) {
      throw new RefusedSchemaException(
          "it has more than %d fields and branches".formatted(MAX_FIELDS));
    }
  }

  private static String name(Schema schema) {
    return schema.getType() == Schema.Type.RECORD
        ? "record " + schema.getFullName()
        : schema.getFullName();
  }
}
