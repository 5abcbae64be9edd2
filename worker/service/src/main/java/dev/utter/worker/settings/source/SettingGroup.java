package dev.utter.worker.settings.source;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The settings of one record, in the order of the page. The record makes one and adds each of its
 * settings, as {@code static final} fields, before they are read.
 */
public final class SettingGroup {
  private final String section;
  private final String title;
  private final List<Setting<?>> settings = new ArrayList<>();

  /**
   * A group without settings yet.
   *
   * @param section section of the file, {@code model.endings} for one within another
   * @param title heading on the page; groups that share it stand below one heading
   */
  public SettingGroup(String section, String title) {
    this.section = section;
    this.title = title;
  }

  /** Adds a setting that most deployments look at. */
  public <T> Setting<T> everyday(
      String name, SettingType<T> type, SettingDefault<T> byDefault, String description) {
    return add(new Setting<>(section, name, type, byDefault, true, description));
  }

  /** As {@link #everyday(String, SettingType, SettingDefault, String)}, with a value by default. */
  public <T> Setting<T> everyday(
      String name, SettingType<T> type, T byDefault, String description) {
    return everyday(name, type, SettingDefault.value(byDefault), description);
  }

  /** Adds a setting whose default is right for most deployments. */
  public <T> Setting<T> advanced(
      String name, SettingType<T> type, SettingDefault<T> byDefault, String description) {
    return add(new Setting<>(section, name, type, byDefault, false, description));
  }

  /** As {@link #advanced(String, SettingType, SettingDefault, String)}, with a value by default. */
  public <T> Setting<T> advanced(
      String name, SettingType<T> type, T byDefault, String description) {
    return advanced(name, type, SettingDefault.value(byDefault), description);
  }

  String section() {
    return section;
  }

  public String title() {
    return title;
  }

  public List<Setting<?>> settings() {
    return Collections.unmodifiableList(settings);
  }

  private <T> Setting<T> add(Setting<T> setting) {
    settings.add(setting);
    return setting;
  }
}
