package dev.utter.embedded.registry;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.avro.Schema;

/**
 * The subjects with their versions. Ids are global: one for each different schema text. A version
 * is first deleted softly, and only then permanently. Not thread-safe.
 */
final class SchemaSubjects {
  private final Map<String, List<SubjectVersion>> subjects = new TreeMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private int lastId;

  void restore(Collection<SubjectVersion> versions) {
    for (SubjectVersion version : versions) {
      subjects.computeIfAbsent(version.subject(), name -> new ArrayList<>()).add(version);
      ids.put(version.schema().toString(), version.id());
      lastId = Math.max(lastId, version.id());
    }
  }

  /** Every version of every subject, oldest first within a subject. */
  List<SubjectVersion> all() {
    return subjects.values().stream().flatMap(List::stream).toList();
  }

  List<String> names(boolean withDeleted) {
    return subjects.keySet().stream()
        .filter(subject -> versions(subject, withDeleted).findAny().isPresent())
        .toList();
  }

  /** Adds a version; the caller has checked that it does not exist and is allowed. */
  SubjectVersion add(String subject, Schema schema) {
    int id = ids.computeIfAbsent(schema.toString(), text -> ++lastId);
    List<SubjectVersion> versions = subjects.computeIfAbsent(subject, name -> new ArrayList<>());
    int number = versions.stream().mapToInt(SubjectVersion::version).max().orElse(0) + 1;
    SubjectVersion added = new SubjectVersion(subject, number, id, schema, false);
    versions.add(added);
    return added;
  }

  /** The schemas that a new version is checked against, oldest first. */
  List<Schema> schemas(String subject) {
    return versions(subject, false).map(SubjectVersion::schema).toList();
  }

  /**
   * The versions of a subject, oldest first.
   *
   * @throws RegistryException if there are none
   */
  List<SubjectVersion> require(String subject, boolean withDeleted) {
    List<SubjectVersion> found = versions(subject, withDeleted).toList();
    if (found.isEmpty()) {
      throw RegistryException.subjectNotFound(subject);
    }
    return found;
  }

  /**
   * A version by number, or the newest by {@code latest} or {@code -1}.
   *
   * @throws RegistryException if there is no such subject or version
   */
  SubjectVersion require(String subject, String version, boolean withDeleted) {
    List<SubjectVersion> found = require(subject, withDeleted);
    if (version.equals("latest") || version.equals("-1")) {
      return found.get(found.size() - 1);
    }
    int number = versionNumber(version);
    return found.stream()
        .filter(candidate -> candidate.version() == number)
        .findFirst()
        .orElseThrow(() -> RegistryException.versionNotFound(version));
  }

  Optional<SubjectVersion> find(String subject, Schema schema, boolean withDeleted) {
    String text = schema.toString();
    return versions(subject, withDeleted)
        .filter(version -> version.schema().toString().equals(text))
        .findFirst();
  }

  /**
   * Every version that carries the schema of this id.
   *
   * @throws RegistryException if there is none
   */
  List<SubjectVersion> byId(int id) {
    List<SubjectVersion> found = all().stream().filter(version -> version.id() == id).toList();
    if (found.isEmpty()) {
      throw RegistryException.schemaNotFound();
    }
    return found;
  }

  /**
   * A version that carries the schema of this GUID.
   *
   * @throws RegistryException if there is none
   */
  SubjectVersion byGuid(String guid) {
    return all().stream()
        .filter(version -> version.guid().toString().equals(guid))
        .findFirst()
        .orElseThrow(RegistryException::schemaNotFound);
  }

  List<Integer> delete(String subject, boolean permanent) {
    List<SubjectVersion> all = require(subject, true);
    List<SubjectVersion> active = versions(subject, false).toList();
    if (permanent && !active.isEmpty()) {
      throw RegistryException.subjectNotSoftDeleted(subject);
    }
    if (!permanent && active.isEmpty()) {
      throw RegistryException.subjectSoftDeleted(subject);
    }
    List<SubjectVersion> deleted = permanent ? all : active;
    remove(subject, deleted::contains, permanent);
    return deleted.stream().map(SubjectVersion::version).toList();
  }

  int delete(String subject, String version, boolean permanent) {
    SubjectVersion found = require(subject, version, true);
    if (permanent && !found.deleted()) {
      throw RegistryException.versionNotSoftDeleted(subject, found.version());
    }
    if (!permanent && found.deleted()) {
      throw RegistryException.versionSoftDeleted(subject, found.version());
    }
    remove(subject, found::equals, permanent);
    return found.version();
  }

  private void remove(String subject, Predicate<SubjectVersion> which, boolean permanent) {
    List<SubjectVersion> versions = requireNonNull(subjects.get(subject));
    if (permanent) {
      versions.removeIf(which);
    } else {
      versions.replaceAll(version -> which.test(version) ? version.softDeleted() : version);
    }
  }

  private Stream<SubjectVersion> versions(String subject, boolean withDeleted) {
    return subjects.getOrDefault(subject, List.of()).stream()
        .filter(version -> withDeleted || !version.deleted());
  }

  private static int versionNumber(String version) {
    try {
      int number = Integer.parseInt(version);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      throw RegistryException.invalidVersion(version);
    }
    throw RegistryException.invalidVersion(version);
  }
}
