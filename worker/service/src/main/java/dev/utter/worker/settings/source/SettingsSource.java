package dev.utter.worker.settings.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Source of settings: the file, with the overrides of the environment. Every {@link Setting} is
 * read here, and nothing else can be read.
 */
public final class SettingsSource {
  private final String item;
  private final ObjectNode tree;
  private final SettingsEnvironment environment;

  private SettingsSource(String item, ObjectNode tree, SettingsEnvironment environment) {
    this.item = item;
    this.tree = tree;
    this.environment = environment;
  }

  /** A whole file. */
  public SettingsSource(ObjectNode file, SettingsEnvironment environment) {
    this("", file, environment);
  }

  /** One of the {@linkplain SettingType#sections() sections} of a setting. */
  static SettingsSource item(String name, ObjectNode tree) {
    return new SettingsSource(name, tree, new SettingsEnvironment(Map.of()));
  }

  /** Nothing is set, so that every setting has its default. */
  public static SettingsSource empty() {
    return new SettingsSource(
        JsonNodeFactory.instance.objectNode(), new SettingsEnvironment(Map.of()));
  }

  /**
   * The value of a setting: what was set, or the default.
   *
   * @throws SettingsException if there is neither, or the value is invalid or breaks the rule
   */
  public <T> T get(Setting<T> setting) {
    return find(setting)
        .or(setting::valueByDefault)
        .orElseThrow(
            () ->
                new SettingsException(
                    name(setting) + " is missing (environment: " + setting.variable() + ")"));
  }

  /**
   * What was set. Empty if nothing was; also empty for {@code auto} where the worker may choose.
   *
   * @throws SettingsException if the value is none or breaks the rule
   */
  public <T> Optional<T> find(Setting<T> setting) {
    return setting.read(
        new SettingValue(name(setting), setting.variable(), node(setting), environment));
  }

  /** As {@link #find}. */
  public OptionalInt findInt(Setting<Integer> setting) {
    return find(setting).map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  /** As {@link #find}. */
  public OptionalLong findLong(Setting<Long> setting) {
    return find(setting).map(OptionalLong::of).orElseGet(OptionalLong::empty);
  }

  /** As {@link #find}. */
  public OptionalDouble findDouble(Setting<Double> setting) {
    return find(setting).map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
  }

  /** Whether the file has the section of a setting, or the environment the setting itself. */
  public boolean hasSectionOf(Setting<?> setting) {
    return section(setting) != null || environment.containsKey(setting.variable());
  }

  /** The variables of the process. */
  public Map<String, String> environment() {
    return environment;
  }

  /**
   * Creates a record, and adds the section to its error messages, because the record does not know
   * the section. Its messages begin with the name of a value.
   */
  public static <T> T checked(SettingGroup group, Supplier<T> record) {
    try {
      return record.get();
    } catch (SettingsException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new SettingsException(group.section() + "." + e.getMessage(), e);
    }
  }

  /**
   * Refuses everything else in the file.
   *
   * @throws SettingsException with the nearest name
   */
  public void refuseUnknownInFile(List<Setting<?>> known) {
    Set<String> settings = new HashSet<>();
    Set<String> sections = new HashSet<>();
    for (Setting<?> setting : known) {
      settings.add(name(setting));
      if (item.isEmpty()) {
        addWithParents(setting.section(), sections);
      }
    }
    List<String> unknown = new ArrayList<>();
    walk(item, tree, settings, sections, unknown);
    if (!unknown.isEmpty()) {
      settings.addAll(sections);
      String hint =
          NearestName.of(unknown.get(0), settings)
              .map(nearest -> "; the nearest is " + nearest)
              .orElse("");
      throw new SettingsException("unknown setting " + String.join(", ", unknown) + hint);
    }
  }

  /**
   * Refuses variables that look like settings and are none of these, nor hold a secret that was
   * asked for.
   *
   * @throws SettingsException with the nearest name
   */
  public void refuseUnknownVariables(List<Setting<?>> known) {
    environment.refuseUnknown(known.stream().map(Setting::variable).toList());
  }

  private static void addWithParents(String section, Set<String> sections) {
    sections.add(section);
    int dot = section.lastIndexOf('.');
    if (dot > 0) {
      addWithParents(section.substring(0, dot), sections);
    }
  }

  private static void walk(
      String path,
      JsonNode node,
      Set<String> settings,
      Set<String> sections,
      List<String> unknown) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      JsonNode value = entry.getValue();
      if (sections.contains(name) && !entry.getKey().contains(".")) {
        if (!value.isObject() && !value.isNull()) {
          throw new SettingsException(name + " must be a section with settings of its own");
        }
        walk(name, value, settings, sections, unknown);
      } else if (!settings.contains(name) || entry.getKey().contains(".")) {
        unknown.add(name);
      }
    }
  }

  private String name(Setting<?> setting) {
    return item.isEmpty() ? setting.fullName() : item + "." + setting.name();
  }

  private @Nullable JsonNode node(Setting<?> setting) {
    JsonNode section = item.isEmpty() ? section(setting) : tree;
    return section == null ? null : section.get(setting.name());
  }

  private @Nullable JsonNode section(Setting<?> setting) {
    JsonNode section = tree;
    for (String name : setting.section().split("\\.")) {
      section = section == null ? null : section.get(name);
    }
    return section;
  }
}
