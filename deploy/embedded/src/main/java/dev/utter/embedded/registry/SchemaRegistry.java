package dev.utter.embedded.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.avro.Schema;

/** The registry's rules, without HTTP. Thread-safe; a change is saved before it is answered. */
final class SchemaRegistry {
  private final SchemaSubjects subjects = new SchemaSubjects();
  private final RegistryPolicies policies = new RegistryPolicies();
  private final Optional<RegistryFile> file;

  SchemaRegistry(Optional<Path> path) {
    file = path.map(RegistryFile::new);
    file.ifPresent(saved -> saved.load(subjects, policies));
  }

  /** Parses a schema strictly, or refuses it with 42201. */
  static Schema parse(String text) {
    try {
      return new Schema.Parser().parse(text);
    } catch (RuntimeException e) {
      // Avro's parser throws a NullPointerException for some schemas, for example for unknown type
      // names.
      throw RegistryException.invalidSchema(String.valueOf(e.getMessage()));
    }
  }

  /** Registers a schema, or finds it if the subject has it; returns its version. */
  synchronized SubjectVersion register(String subject, Schema schema) {
    Optional<SubjectVersion> known = subjects.find(subject, schema, false);
    if (known.isPresent()) {
      return known.get();
    }
    requireWritable(subject);
    List<String> problems = problems(subject, schema);
    if (!problems.isEmpty()) {
      throw RegistryException.incompatible(subject, problems);
    }
    return changed(() -> subjects.add(subject, schema));
  }

  synchronized SubjectVersion lookup(String subject, Schema schema, boolean withDeleted) {
    subjects.require(subject, withDeleted);
    return subjects
        .find(subject, schema, withDeleted)
        .orElseThrow(RegistryException::schemaNotFound);
  }

  /** Why this schema cannot be registered as the next version; empty if it can. */
  synchronized List<String> problems(String subject, Schema schema) {
    return policies.level(subject).problems(schema, subjects.schemas(subject));
  }

  /** Why this schema is not compatible with one version at the subject's level; empty if it is. */
  synchronized List<String> problems(String subject, String version, Schema schema) {
    Schema earlier = subjects.require(subject, version, false).schema();
    return policies.level(subject).problems(schema, List.of(earlier));
  }

  synchronized List<Integer> delete(String subject, boolean permanent) {
    requireWritable(subject);
    return changed(() -> subjects.delete(subject, permanent));
  }

  synchronized int delete(String subject, String version, boolean permanent) {
    requireWritable(subject);
    return changed(() -> subjects.delete(subject, version, permanent));
  }

  synchronized void setLevel(String subject, CompatibilityLevel level) {
    changed(
        () -> {
          policies.setLevel(subject, level);
          return level;
        });
  }

  synchronized CompatibilityLevel resetLevel(String subject) {
    return changed(() -> policies.resetLevel(subject));
  }

  synchronized void setMode(String subject, RegistryMode mode) {
    changed(
        () -> {
          policies.setMode(subject, mode);
          return mode;
        });
  }

  synchronized <T> T subjects(Function<SchemaSubjects, T> question) {
    return question.apply(subjects);
  }

  synchronized <T> T policies(Function<RegistryPolicies, T> question) {
    return question.apply(policies);
  }

  private void requireWritable(String subject) {
    if (policies.mode(subject) == RegistryMode.READONLY) {
      throw RegistryException.readOnly(subject);
    }
  }

  private <T> T changed(Supplier<T> change) {
    T result = change.get();
    file.ifPresent(saved -> saved.save(subjects, policies));
    return result;
  }
}
