package dev.utter.embedded.registry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/** The paths under {@code /compatibility}, {@code /config} and {@code /mode}. */
final class PolicyRoutes {
  private final SchemaRegistry registry;

  PolicyRoutes(SchemaRegistry registry) {
    this.registry = registry;
  }

  /** {@code POST /compatibility/subjects/S/versions[/V]}: is this schema compatible? */
  Object compatibility(RegistryRequest request) {
    boolean known =
        (request.shape().equals("POST 4") || request.shape().equals("POST 5"))
            && request.segment(1).equals("subjects")
            && request.segment(3).equals("versions");
    if (!known) {
      throw request.noSuchPath();
    }
    String subject = request.segment(2);
    Schema schema = request.schema();
    List<String> problems =
        request.path().size() == 5
            ? registry.problems(subject, request.segment(4), schema)
            : registry.problems(subject, schema);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("is_compatible", problems.isEmpty());
    if (request.flag("verbose")) {
      body.put("messages", problems);
    }
    return body;
  }

  Object config(RegistryRequest request) {
    if (request.path().size() > 2) {
      throw request.noSuchPath();
    }
    String subject = request.subjectOrGlobal();
    return switch (request.method()) {
      case "GET" -> Map.of("compatibilityLevel", level(subject, request.flag("defaultToGlobal")));
      case "PUT" -> {
        String wanted = request.text("compatibility");
        CompatibilityLevel level = constant(CompatibilityLevel.class, wanted);
        if (level == null) {
          throw RegistryException.invalidLevel(wanted);
        }
        registry.setLevel(subject, level);
        yield Map.of("compatibility", level);
      }
      case "DELETE" -> Map.of("compatibilityLevel", registry.resetLevel(subject));
      default -> throw request.noSuchPath();
    };
  }

  Object mode(RegistryRequest request) {
    if (request.path().size() > 2) {
      throw request.noSuchPath();
    }
    String subject = request.subjectOrGlobal();
    return switch (request.method()) {
      case "GET" -> Map.of("mode", modeOf(subject, request.flag("defaultToGlobal")));
      case "PUT" -> {
        String wanted = request.text("mode");
        RegistryMode mode = constant(RegistryMode.class, wanted);
        if (mode == null) {
          throw RegistryException.invalidMode(wanted);
        }
        registry.setMode(subject, mode);
        yield Map.of("mode", mode);
      }
      default -> throw request.noSuchPath();
    };
  }

  private CompatibilityLevel level(String subject, boolean defaultToGlobal) {
    return registry.policies(
        policies ->
            defaultToGlobal
                ? policies.level(subject)
                : policies
                    .ownLevel(subject)
                    .orElseThrow(() -> RegistryException.levelNotConfigured(subject)));
  }

  private RegistryMode modeOf(String subject, boolean defaultToGlobal) {
    return registry.policies(
        policies ->
            defaultToGlobal
                ? policies.mode(subject)
                : policies
                    .ownMode(subject)
                    .orElseThrow(() -> RegistryException.modeNotConfigured(subject)));
  }

  /** The constant of that name in any case, or null. */
  private static <E extends Enum<E>> @Nullable E constant(Class<E> type, String name) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name.toUpperCase(Locale.ROOT))) {
        return constant;
      }
    }
    return null;
  }
}
