package dev.utter.worker.settings;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Settings of the process as a whole; section {@code worker}. */
public record ProcessSettings(
    String name, Set<Role> roles, boolean development, Duration stopTimeout) {
  /** The settings. */
  static final SettingGroup GROUP = new SettingGroup("worker", "Process");

  private static final Pattern ALLOWED = Pattern.compile("(?!\\.)[A-Za-z0-9._-]{1,100}");

  private static final Setting<String> NAME =
      GROUP.everyday(
          "name",
          SettingType.text()
              .must(
                  "1 to 100 of A-Z a-z 0-9 . _ - and not begin with .",
                  text -> ALLOWED.matcher(text).matches()),
          SettingDefault.otherwise("the host's name"),
          "in events, metrics and transactional ids; must be unique; keep it stable across restarts");

  private static final Setting<List<Role>> ROLES =
      GROUP.everyday(
          "roles",
          SettingType.choices(Role.class),
          SettingDefault.otherwise("all"),
          "what the worker does; only synthesis needs the model");

  private static final Setting<Boolean> DEVELOPMENT =
      GROUP.everyday(
          "development",
          SettingType.flag(),
          false,
          "lets the public demo key mark clips, and goes without `output.clipKeys`");

  /** The default fits the 30 s that Kubernetes gives. */
  private static final Setting<Duration> STOP_TIMEOUT =
      GROUP.everyday(
          "stopTimeout",
          SettingType.duration().must("0s or more", value -> !value.isNegative()),
          Duration.ofSeconds(25),
          "how long a stop may take in all; keep it below the time after which the process is"
              + " killed (Kubernetes: 30 s)");

  /** Checks every value. */
  public ProcessSettings {
    NAME.check(name);
    if (roles == null || roles.isEmpty()) {
      throw new SettingsException(ROLES + " is empty, must name one of " + List.of(Role.values()));
    }
    roles = Collections.unmodifiableSet(EnumSet.copyOf(roles));
    STOP_TIMEOUT.check(stopTimeout);
  }

  /** All roles under a name. */
  static ProcessSettings defaults(String name) {
    return read(SettingsSource.empty(), name);
  }

  /** Whether the process has a role. */
  public boolean has(Role role) {
    return roles.contains(role);
  }

  static ProcessSettings read(SettingsSource source) {
    return read(
        source,
        source
            .find(NAME)
            .or(() -> HostName.of(source.environment()))
            .orElseThrow(
                () ->
                    new SettingsException(
                        NAME + " is missing, and this host has no name to use instead")));
  }

  private static ProcessSettings read(SettingsSource source, String name) {
    List<Role> roles = source.find(ROLES).orElse(List.of(Role.values()));
    return new ProcessSettings(
        name, Set.copyOf(roles), source.get(DEVELOPMENT), source.get(STOP_TIMEOUT));
  }
}
