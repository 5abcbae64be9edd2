package dev.utter.embedded.registry;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The paths under {@code /subjects} and {@code /schemas}. */
final class SubjectRoutes {
  /** Text that is JSON already and goes into an answer as it is. */
  private record RawJson(@JsonValue @JsonRawValue String text) {}

  private final SchemaRegistry registry;

  SubjectRoutes(SchemaRegistry registry) {
    this.registry = registry;
  }

  Object subjects(RegistryRequest request) {
    boolean deleted = request.flag("deleted");
    boolean permanent = request.flag("permanent");
    String shape = request.shape();
    if (shape.equals("GET 1")) {
      String prefix = request.query().getOrDefault("subjectPrefix", "");
      return registry.subjects(subjects -> subjects.names(deleted)).stream()
          .filter(name -> name.startsWith(prefix))
          .toList();
    }
    if (request.path().size() == 1) {
      throw request.noSuchPath();
    }
    String subject = request.segment(1);
    if (request.path().size() > 2 && !request.segment(2).equals("versions")) {
      throw request.noSuchPath();
    }
    return switch (shape) {
      case "POST 2" -> described(registry.lookup(subject, request.schema(), deleted));
      case "DELETE 2" -> registry.delete(subject, permanent);
      case "GET 3" ->
          registry.subjects(subjects -> subjects.require(subject, deleted)).stream()
              .map(SubjectVersion::version)
              .toList();
      case "POST 3" -> Map.of("id", registry.register(subject, request.schema()).id());
      case "GET 4" -> described(version(request, deleted));
      case "GET 5" -> {
        if (!request.segment(4).equals("schema")) {
          throw request.noSuchPath();
        }
        yield new RawJson(version(request, deleted).schema().toString());
      }
      case "DELETE 4" -> registry.delete(subject, request.segment(3), permanent);
      default -> throw request.noSuchPath();
    };
  }

  Object schemas(RegistryRequest request) {
    if (request.shape().equals("GET 2") && request.segment(1).equals("types")) {
      return List.of("AVRO");
    }
    if (request.shape().equals("GET 3") && request.segment(1).equals("guids")) {
      String guid = request.segment(2);
      SubjectVersion found = registry.subjects(subjects -> subjects.byGuid(guid));
      return Map.of("schema", found.schema().toString());
    }
    if (request.path().size() < 3 || !request.segment(1).equals("ids")) {
      throw request.noSuchPath();
    }
    List<SubjectVersion> found = byId(request.segment(2));
    String text = found.get(0).schema().toString();
    if (request.shape().equals("GET 3")) {
      return Map.of("schema", text);
    }
    if (!request.shape().equals("GET 4")) {
      throw request.noSuchPath();
    }
    List<SubjectVersion> listed =
        found.stream().filter(version -> request.flag("deleted") || !version.deleted()).toList();
    return switch (request.segment(3)) {
      case "schema" -> new RawJson(text);
      case "subjects" -> listed.stream().map(SubjectVersion::subject).distinct().toList();
      case "versions" ->
          listed.stream()
              .map(version -> Map.of("subject", version.subject(), "version", version.version()))
              .toList();
      default -> throw request.noSuchPath();
    };
  }

  private SubjectVersion version(RegistryRequest request, boolean withDeleted) {
    return registry.subjects(
        subjects -> subjects.require(request.segment(1), request.segment(3), withDeleted));
  }

  private List<SubjectVersion> byId(String id) {
    try {
      int number = Integer.parseInt(id);
      return registry.subjects(subjects -> subjects.byId(number));
    } catch (NumberFormatException notANumber) {
      throw RegistryException.schemaNotFound();
    }
  }

  private static Map<String, Object> described(SubjectVersion version) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("subject", version.subject());
    body.put("version", version.version());
    body.put("id", version.id());
    body.put("schema", version.schema().toString());
    return body;
  }
}
