package dev.utter.events;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;

/** The schemas of the events, as built now and as published before. */
final class EventSchemas {
  private static final Path SOURCES = Path.of("src/main/avro");
  private static final Path PUBLISHED = Path.of("src/test/resources/published");

  private EventSchemas() {}

  /** Names of all events: one source file each. */
  static List<String> events() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".avsc"))
          .map(name -> name.substring(0, name.length() - ".avsc".length()))
          .sorted()
          .toList();
    }
  }

  /** The complete schema of the generated class, without the properties that only Java uses. */
  static Schema current(String event) throws ReflectiveOperationException {
    Class<?> type = Class.forName("dev.utter.events." + event);
    String text = SpecificData.get().getSchema(type).toString();
    return new Schema.Parser().parse(text.replace(",\"avro.java.string\":\"String\"", ""));
  }

  /**
   * The published versions of an event, oldest first, from the folders v1, v2 and so on that have
   * it.
   */
  static List<Schema> published(String event) throws IOException {
    List<Schema> versions = new ArrayList<>();
    for (int version = 1; Files.isDirectory(folder(version)); version++) {
      Path file = folder(version).resolve(event + ".avsc");
      if (Files.exists(file)) {
        versions.add(new Schema.Parser().parse(Files.readString(file)));
      }
    }
    return versions;
  }

  /** Name of the folder for the next published version. */
  static Path nextFolder() {
    int version = 1;
    while (Files.isDirectory(folder(version))) {
      version++;
    }
    return folder(version);
  }

  /** Events that have ever been published. */
  static Set<String> everPublished() throws IOException {
    try (Stream<Path> files = Files.walk(PUBLISHED)) {
      Set<String> names = new HashSet<>();
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".avsc"))
          .forEach(name -> names.add(name.substring(0, name.length() - ".avsc".length())));
      return names;
    }
  }

  private static Path folder(int version) {
    return PUBLISHED.resolve("v" + version);
  }
}
