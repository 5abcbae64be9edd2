package dev.utter.worker.signing;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs clips with the current key of its file, or with the last one that could be read. So keys
 * can be replaced without a restart.
 *
 * <p>Threading: safe.
 */
public final class ClipSigner {
  private static final Logger LOGGER = LoggerFactory.getLogger(ClipSigner.class);

  private final Path file;
  private final Clock clock;
  private String lastText;
  private SigningKey last;
  private boolean readable = true;

  /**
   * Signs with a file's key.
   *
   * @throws IllegalArgumentException if the file cannot be read or holds no private key of Ed25519
   */
  public ClipSigner(Path file, Clock clock) {
    this.file = requireNonNull(file, "file is null");
    this.clock = requireNonNull(clock, "clock is null");
    lastText = Pem.text(file);
    last = SigningKey.parse(lastText, file);
    LOGGER
        .atInfo()
        .addKeyValue("file", file)
        .addKeyValue("keyId", last.id())
        .log("Clips are signed");
  }

  /**
   * Signs that a clip was made now.
   *
   * @param sha256 of its bytes, lower-case hexadecimal
   * @throws IllegalArgumentException if a value cannot be signed
   */
  public ClipSignature sign(
      String requestId,
      String sha256,
      String modelName,
      String modelRevision,
      String watermarkKeyId) {
    return current()
        .sign(
            new ClipStatement(
                requestId,
                sha256,
                modelName,
                modelRevision,
                watermarkKeyId,
                clock.instant().truncatedTo(ChronoUnit.MILLIS)));
  }

  private synchronized SigningKey current() {
    try {
      String text = Pem.text(file);
      if (!text.equals(lastText)) {
        last = SigningKey.parse(text, file);
        lastText = text;
        LOGGER.atInfo().addKeyValue("keyId", last.id()).log("Signing key changed");
      }
      readable = true;
    } catch (IllegalArgumentException e) {
      if (readable) {
        LOGGER
            .atWarn()
            .addKeyValue("error", e.getMessage())
            .addKeyValue("keyId", last.id())
            .log("Signing key cannot be read, the last one is used");
      }
      readable = false;
    }
    return last;
  }
}
