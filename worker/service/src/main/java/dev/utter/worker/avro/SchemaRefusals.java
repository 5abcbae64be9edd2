package dev.utter.worker.avro;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The schemas that the {@code SchemaRules} refused last, so that further records with them cause no
 * call to the registry.
 *
 * <p>Threading: may be shared.
 */
final class SchemaRefusals {
  private static final int MAX_KEYS = 1000;

  private final Map<Key, String> rules =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
          return size() > MAX_KEYS;
        }
      };

  /** An id is unique within a context only, and topics may have different contexts. */
  private record Key(String topic, SchemaReference schema) {}

  /** Throws for a schema that was refused before. */
  synchronized void check(String topic, SchemaReference schema) {
    String rule = rules.get(new Key(topic, schema));
    if (rule != null) {
      throw refusal(schema, rule);
    }
  }

  /** Remembers a refusal. */
  synchronized UndecodableRecordException add(String topic, SchemaReference schema, String rule) {
    rules.put(new Key(topic, schema), rule);
    return refusal(schema, rule);
  }

  private static UndecodableRecordException refusal(SchemaReference schema, String rule) {
    return new UndecodableRecordException(schema + " is refused: " + rule);
  }
}
