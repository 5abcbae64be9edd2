package dev.utter.worker.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.worker.digest.FieldDigest;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.CurrentSecrets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proves that a worker of this deployment wrote the metadata of an object. Anyone who may put
 * objects into the bucket can copy every entry of the metadata but one: a digest over bucket, key
 * and all entries that begin with {@code utter-}, keyed with a secret that only the workers have.
 * The digest of the content is among these entries, so the proof is valid for one content under one
 * key.
 *
 * <p>The watermark's key is no such secret: everybody can read it from a clip.
 *
 * <p>HMAC-SHA-256. Its key is derived from the secret by HMAC-SHA-256, so that the secret may serve
 * other purposes as well. Safe for several threads.
 */
public final class ClipProof {
  /** Shortest secret, in characters. */
  static final int MIN_SECRET_CHARS = 32;

  /** A secret that everybody knows, for development. */
  public static final String PUBLIC_SECRET = "public-development-secret-of-utter";

  private static final String ALGORITHM = "HmacSHA256";
  private static final byte[] PURPOSE = "utter clip proof 1".getBytes(UTF_8);
  private static final String OURS = "utter-";
  private static final String PROOF = OURS + "proof";

  private final CurrentSecrets secrets;
  private final boolean publicSecret;

  /**
   * A proof by these secrets.
   *
   * @param secrets the first makes proofs, all verify them
   * @throws IllegalArgumentException if there is none, or one is too short; without its value
   */
  public ClipProof(List<String> secrets) {
    this(secrets, secrets.stream().map(secret -> Optional.<Path>empty()).toList());
  }

  /**
   * A proof by secrets some of which come from files. These are read again at each use, so that
   * secrets can be replaced there. The content of a file is not used if it breaks a rule.
   *
   * @param secrets the first makes proofs, all verify them
   * @param files the file of each secret; empty for one that stays
   * @throws IllegalArgumentException if there is none, or one is too short; without its value
   */
  public ClipProof(List<String> secrets, List<Optional<Path>> files) {
    boolean open = secrets.contains(PUBLIC_SECRET);
    publicSecret = open;
    this.secrets = new CurrentSecrets(secrets, files, texts -> check(texts, open));
  }

  private static void check(List<String> texts, boolean mayBePublic) {
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("there is no secret, must be at least one");
    }
    for (int i = 0; i < texts.size(); i++) {
      int chars = texts.get(i).length();
      if (chars < MIN_SECRET_CHARS) {
        throw new IllegalArgumentException(
            "secret %d has %d characters, must have %d at least"
                .formatted(i + 1, chars, MIN_SECRET_CHARS));
      }
    }
    if (texts.contains(PUBLIC_SECRET) && !mayBePublic) {
      throw new IllegalArgumentException("one of the secrets is the public one of development");
    }
  }

  /** The proof of development, which proves nothing. */
  public static ClipProof ofDevelopment() {
    return new ClipProof(List.of(PUBLIC_SECRET));
  }

  /** Whether it was created with the public secret of development. */
  public boolean hasPublicSecret() {
    return publicSecret;
  }

  /** The metadata with a proof for an object that is to be stored there. */
  public Map<String, String> prove(ObjectLocation location, Map<String, String> metadata) {
    SortedMap<String, String> proved = new TreeMap<>(metadata);
    proved.put(
        PROOF,
        HexFormat.of().formatHex(mac(derived(secrets.get().get(0)), content(location, metadata))));
    return proved;
  }

  /** Whether a worker that has one of the secrets wrote this metadata for an object there. */
  public boolean isProved(ObjectLocation location, Map<String, String> metadata) {
    byte[] given = metadata.getOrDefault(PROOF, "").getBytes(UTF_8);
    byte[] content = content(location, metadata);
    boolean proved = false;
    for (String secret : secrets.get()) {
      byte[] right = HexFormat.of().formatHex(mac(derived(secret), content)).getBytes(UTF_8);
      proved |= MessageDigest.isEqual(right, given);
    }
    return proved;
  }

  /** Stores may add entries with names of their own. */
  private static byte[] content(ObjectLocation location, Map<String, String> metadata) {
    FieldDigest digest = new FieldDigest();
    digest.add(location.bucket()).add(location.key());
    new TreeMap<>(metadata)
        .forEach(
            (name, value) -> {
              if (name.startsWith(OURS) && !name.equals(PROOF)) {
                digest.add(name).add(value);
              }
            });
    return digest.finish();
  }

  private static SecretKeySpec derived(String secret) {
    return new SecretKeySpec(
        mac(new SecretKeySpec(secret.getBytes(UTF_8), ALGORITHM), PURPOSE), ALGORITHM);
  }

  private static byte[] mac(SecretKeySpec key, byte[] content) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /** Shows how many secrets there are and none of them. */
  @Override
  public String toString() {
    return "ClipProof[secrets=" + secrets.size() + ", public=" + publicSecret + "]";
  }
}
