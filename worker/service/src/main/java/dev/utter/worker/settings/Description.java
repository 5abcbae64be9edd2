package dev.utter.worker.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.worker.settings.source.Durations;
import dev.utter.worker.settings.source.SecretNames;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Writes records of settings as YAML with every secret masked. */
final class Description {
  private static final String MASK = "***";

  /** Numbers that are not set are left to the worker. */
  private static final String AUTO = "auto";

  /** User and password in a URL, wherever it stands. */
  private static final Pattern USER_INFO = Pattern.compile("(\\w://)[^/@\\s]+@");

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .build();

  private Description() {}

  static String of(Record settings) {
    try {
      return YAML.writeValueAsString(plain("", settings));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps and texts always have a YAML form", e);
    }
  }

  private static @Nullable Object plain(String name, @Nullable Object value) {
    if (value instanceof Optional<?> optional) {
      return plain(name, optional.orElse(null));
    }
    if (value == null) {
      return null;
    }
    if (value instanceof KeyRing keys) {
      return plain(name, keys.keys());
    }
    if (value instanceof WatermarkKey key) {
      return Map.of("id", key.id(), "bytes", MASK);
    }
    if (value instanceof Record settings) {
      return components(settings);
    }
    if (SecretNames.isSecret(name)) {
      return MASK;
    }
    if (value instanceof Map<?, ?> map) {
      return entries(name, map);
    }
    if (value instanceof Collection<?> items) {
      return items.stream().map(item -> plain("", item)).toList();
    }
    if (value instanceof OptionalDouble optional) {
      return optional.isPresent() ? optional.getAsDouble() : AUTO;
    }
    if (value instanceof OptionalInt optional) {
      return optional.isPresent() ? optional.getAsInt() : AUTO;
    }
    if (value instanceof OptionalLong optional) {
      return optional.isPresent() ? optional.getAsLong() : AUTO;
    }
    if (value instanceof Duration duration) {
      return Durations.text(duration);
    }
    return value instanceof Number || value instanceof Boolean
        ? value
        : USER_INFO.matcher(value.toString()).replaceAll("$1" + MASK + "@");
  }

  private static Map<String, Object> components(Record settings) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      try {
        map.put(
            component.getName(),
            plain(component.getName(), component.getAccessor().invoke(settings)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("the accessors of settings are public", e);
      }
    }
    return map;
  }

  private static Map<String, Object> entries(String name, Map<?, ?> map) {
    Map<String, Object> entries = new TreeMap<>();
    map.forEach(
        (key, value) ->
            entries.put(
                String.valueOf(key),
                name.equals("headers") ? MASK : plain(String.valueOf(key), value)));
    return entries;
  }
}
