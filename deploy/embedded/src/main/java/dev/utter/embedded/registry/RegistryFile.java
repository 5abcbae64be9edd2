package dev.utter.embedded.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/** Keeps the registry's content in one JSON file, replaced as a whole at every change. */
final class RegistryFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  RegistryFile(Path file) {
    this.file = file;
  }

  /** A version as the file holds it. */
  record SavedVersion(String subject, int version, int id, String schema, boolean deleted) {
    static SavedVersion of(SubjectVersion version) {
      return new SavedVersion(
          version.subject(),
          version.version(),
          version.id(),
          version.schema().toString(),
          version.deleted());
    }

    SubjectVersion restored() {
      return new SubjectVersion(subject, version, id, new Schema.Parser().parse(schema), deleted);
    }
  }

  /** What the file holds. */
  record Content(
      List<SavedVersion> versions,
      Map<String, CompatibilityLevel> levels,
      Map<String, RegistryMode> modes) {}

  /** Fills an empty registry from the file, if there is one. */
  void load(SchemaSubjects subjects, RegistryPolicies policies) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      Content content = JSON.readValue(file.toFile(), Content.class);
      subjects.restore(content.versions().stream().map(SavedVersion::restored).toList());
      policies.restore(content.levels(), content.modes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the schema registry's file " + file, e);
    }
  }

  void save(SchemaSubjects subjects, RegistryPolicies policies) {
    Content content =
        new Content(
            subjects.all().stream().map(SavedVersion::of).toList(),
            policies.levels(),
            policies.modes());
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      JSON.writeValue(fresh.toFile(), content);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the schema registry's file " + file, e);
    }
  }
}
