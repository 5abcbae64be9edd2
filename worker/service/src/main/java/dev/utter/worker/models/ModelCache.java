package dev.utter.worker.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.speech.digest.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Models on this machine that were pulled from the store. For each address it has a folder with the
 * address ({@code address}), the manifest that was last pulled ({@code current}) and a folder for
 * each manifest. A model appears there in one step, complete and checked.
 */
public final class ModelCache {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final int SHORT_DIGEST = 16;
  private static final String CURRENT = "current";

  private final Path folder;

  public ModelCache(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** The cache's folder. */
  public Path folder() {
    return folder;
  }

  /** The model that was last pulled from an address, if there is one. */
  public Optional<Path> find(StoredModel model) {
    Path current = home(model).resolve(CURRENT);
    try {
      return Optional.of(Files.readString(current).strip())
          .filter(digest -> DIGEST.matcher(digest).matches())
          .map(digest -> folder(model, digest))
          .filter(Files::isDirectory);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new ModelTransferException("the cache's file " + current + " cannot be read: " + e, e);
    }
  }

  /** The folder of a model with this manifest, whether or not it is there. */
  Path folder(StoredModel model, ModelManifest manifest) {
    return folder(model, manifest.digest());
  }

  private Path folder(StoredModel model, String digest) {
    return home(model).resolve(digest).resolve(model.name());
  }

  /** The file that keeps two processes from writing the same folder. */
  Path lock(Path target) {
    return folder
        .resolve("locks")
        .resolve(shortDigest(target.toAbsolutePath().normalize()) + ".lock");
  }

  /** Records which manifest was pulled. */
  void remember(StoredModel model, ModelManifest manifest) throws IOException {
    write(home(model).resolve("address"), model.toString());
    write(home(model).resolve(CURRENT), manifest.digest());
  }

  private static void write(Path file, String text) throws IOException {
    Path made = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".tmp");
    Files.writeString(made, text + "\n");
    Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private Path home(StoredModel model) {
    return folder.resolve(shortDigest(model));
  }

  private static String shortDigest(Object named) {
    return Sha256.hex(named.toString().getBytes(UTF_8)).substring(0, SHORT_DIGEST);
  }
}
