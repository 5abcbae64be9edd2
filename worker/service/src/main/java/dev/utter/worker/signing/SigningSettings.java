package dev.utter.worker.signing;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of signing; section {@code signing}. */
public record SigningSettings(Optional<Path> privateKeyFile) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("signing", "Signing");

  private static final Setting<Path> PRIVATE_KEY_FILE =
      GROUP.everyday(
          "privateKeyFile",
          SettingType.path(),
          SettingDefault.otherwise("none: clips are not signed"),
          "PEM file (PKCS #8) of the Ed25519 key that signs clips; read again when it changes; see"
              + " [operations](operations.md#signing-clips)");

  /** Clips are not signed. */
  public static final SigningSettings NONE = new SigningSettings(Optional.empty());

  /**
   * Reads the key once, so that a wrong file is found before anything is started.
   *
   * @throws SettingsException if the file cannot be read or holds no such key
   */
  public SigningSettings {
    requireNonNull(privateKeyFile, "privateKeyFile is null");
    privateKeyFile.ifPresent(
        file -> {
          try {
            SigningKey.read(file);
          } catch (IllegalArgumentException e) {
            throw new SettingsException(PRIVATE_KEY_FILE + ": " + e.getMessage(), e);
          }
        });
  }

  /**
   * Reads them. Only a worker that makes clips needs to have the key.
   *
   * @param makesClips whether this one does
   */
  public static SigningSettings read(SettingsSource source, boolean makesClips) {
    return makesClips ? new SigningSettings(source.find(PRIVATE_KEY_FILE)) : NONE;
  }
}
