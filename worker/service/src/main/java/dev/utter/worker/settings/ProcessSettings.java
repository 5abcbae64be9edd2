package dev.utter.worker.settings;

import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsException;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Settings of the process as a whole; section {@code worker}.
 *
 * @param name name of this worker in events, metrics and transactional ids; unique among workers
 *     and best the same after a restart; default the name of the host
 * @param roles what it does; default all
 * @param development whether the public demo key may mark clips; default false
 * @param stopTimeout how long a stop may take in all; default 25 s, which fits the 30 s that
 *     Kubernetes gives
 */
public record ProcessSettings(
    String name, Set<Role> roles, boolean development, Duration stopTimeout) {

  /** Default of {@code stopTimeout}. */
  public static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(25);

  private static final Pattern NAME = Pattern.compile("(?!\\.)[A-Za-z0-9._-]{1,100}");

  /** Checks every value. */
  public ProcessSettings {
    if (name == null || !NAME.matcher(name).matches()) {
      throw new SettingsException(
          "worker.name is \""
              + name
              + "\", must be 1 to 100 of A-Z a-z 0-9 . _ - and not begin with .");
    }
    if (roles == null || roles.isEmpty()) {
      throw new SettingsException(
          "worker.roles is empty, must name one of " + List.of(Role.values()));
    }
    roles = Collections.unmodifiableSet(EnumSet.copyOf(roles));
    if (stopTimeout == null || stopTimeout.isNegative()) {
      throw new SettingsException(
          "worker.stopTimeout is " + stopTimeout + ", must not be negative");
    }
  }

  /** All roles under a name. */
  public static ProcessSettings defaults(String name) {
    return new ProcessSettings(name, EnumSet.allOf(Role.class), false, DEFAULT_STOP_TIMEOUT);
  }

  /** Whether the process has a role. */
  public boolean has(Role role) {
    return roles.contains(role);
  }

  static ProcessSettings read(Section section, Supplier<Optional<String>> hostName) {
    ProcessSettings settings =
        new ProcessSettings(
            section
                .text("name")
                .or(hostName)
                .orElseThrow(
                    () ->
                        new SettingsException(
                            "worker.name is missing, and this host has no name to use instead")),
            section
                .texts("roles")
                .map(ProcessSettings::roles)
                .orElseGet(() -> EnumSet.allOf(Role.class)),
            section.flag("development").orElse(false),
            section.duration("stopTimeout").orElse(DEFAULT_STOP_TIMEOUT));
    section.refuseUnknown();
    return settings;
  }

  private static Set<Role> roles(List<String> names) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String name : names) {
      try {
        roles.add(Role.valueOf(name.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new SettingsException(
            "worker.roles holds \"" + name + "\", must be of " + List.of(Role.values()), e);
      }
    }
    return roles;
  }
}
