package dev.utter.worker.models;

import dev.utter.speech.digest.Sha256;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.worker.storage.LargeObjects;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Pushes models to the store: the contents that are not there, then the manifest. A push that is
 * broken off leaves no model, or the one that was there before; the next one continues with the
 * files that are missing. Nothing is deleted.
 */
public final class ModelPush {
  private final ObjectStore store;
  private final LargeObjects objects;

  /**
   * @param store where models are; it stays open
   */
  public ModelPush(ObjectStore store) {
    this.store = store;
    this.objects = new LargeObjects(store);
  }

  /**
   * A file that is to be pushed.
   *
   * @param entry what the manifest says about it
   * @param file where it is on this machine
   * @param there whether the store has its content
   */
  public record Item(ModelManifest.Entry entry, Path file, boolean there) {}

  /**
   * What a push does.
   *
   * @param model where the model goes
   * @param items its files
   * @param manifest its manifest
   * @param listed whether the store has this very manifest
   */
  public record Plan(StoredModel model, List<Item> items, ModelManifest manifest, boolean listed) {
    /** Copies the list. */
    public Plan {
      items = List.copyOf(items);
    }

    /** Bytes that are sent. */
    public long missingBytes() {
      return items.stream()
          .filter(item -> !item.there())
          .mapToLong(item -> item.entry().bytes())
          .sum();
    }

    /** Whether nothing is sent. */
    public boolean isDone() {
      return listed && items.stream().allMatch(Item::there);
    }
  }

  /**
   * Computes the checksums of files and looks up which contents are there. Writes nothing.
   *
   * @param files the files of the model by their paths in it
   * @throws ModelTransferException if a file cannot be read, or an object with the name of its
   *     content has another size
   * @throws dev.utter.worker.storage.failure.UnusableObjectException if the store refuses
   * @throws dev.utter.worker.storage.failure.StorageUnavailableException if it does not answer
   */
  public Plan plan(Map<String, Path> files, StoredModel model) {
    List<Item> items = new ArrayList<>();
    files.forEach(
        (path, file) -> {
          ModelManifest.Entry entry = entry(path, file);
          items.add(new Item(entry, file, isThere(model.content(entry), entry)));
        });
    ModelManifest manifest = new ModelManifest(items.stream().map(Item::entry).toList());
    return new Plan(model, items, manifest, isListed(model, manifest));
  }

  private static ModelManifest.Entry entry(String path, Path file) {
    MessageDigest digest = Sha256.start();
    long bytes;
    try {
      bytes = Sha256.update(digest, file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return new ModelManifest.Entry(path, bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private boolean isThere(ObjectLocation location, ModelManifest.Entry entry) {
    Optional<ObjectHead> head = store.find(location);
    if (head.isPresent() && head.get().size() != entry.bytes()) {
      throw new ModelTransferException(
          "%s has %d bytes, but must have %d as the content of %s: it was changed; delete it and push again"
              .formatted(location, head.get().size(), entry.bytes(), entry.path()));
    }
    return head.isPresent();
  }

  private boolean isListed(StoredModel model, ModelManifest manifest) {
    if (store.find(model.manifest()).map(ObjectHead::size).orElse(0L) > ModelManifest.MAX_BYTES) {
      return false;
    }
    try {
      byte[] present = store.read(model.manifest(), ModelManifest.MAX_BYTES).bytes();
      return Arrays.equals(present, manifest.toJson());
    } catch (ObjectNotFoundException e) {
      return false;
    }
  }

  /**
   * Sends what the store does not have, the manifest last.
   *
   * @throws ModelTransferException if a file cannot be read, or changed meanwhile
   * @throws dev.utter.worker.storage.failure.UnusableObjectException if the store refuses
   * @throws dev.utter.worker.storage.failure.StorageUnavailableException if it does not answer
   */
  public void push(Plan plan, FetchListener listener) {
    for (Item item : plan.items()) {
      if (!item.there()) {
        send(plan.model().content(item.entry()), item, listener);
      }
    }
    if (!plan.listed()) {
      objects.put(plan.model().manifest(), plan.manifest().toJson(), "application/json");
    }
  }

  private void send(ObjectLocation location, Item item, FetchListener listener) {
    listener.begins(item.entry().file(), 0);
    try (CheckedContent content =
        new CheckedContent(
            Files.newInputStream(item.file()),
            item.entry().bytes(),
            item.entry().sha256(),
            listener)) {
      try {
        objects.put(location, content, item.entry().bytes(), "application/octet-stream");
      } catch (RuntimeException e) {
        if (content.isChanged()) {
          throw new ModelTransferException(
              item.file() + " changed while it was pushed; push again", e);
        }
        throw e;
      }
    } catch (IOException e) {
      throw unreadable(item.file(), e);
    }
    listener.finished(item.entry().file());
  }

  private static ModelTransferException unreadable(Path file, IOException e) {
    return new ModelTransferException(file + " cannot be read: " + e, e);
  }
}
