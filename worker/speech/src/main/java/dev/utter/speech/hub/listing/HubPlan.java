package dev.utter.speech.hub.listing;

import java.util.List;

/**
 * The files of a model to download.
 *
 * @param listing the model
 * @param files the files wanted
 */
public record HubPlan(HubListing listing, List<Item> files) {

  /**
   * A file that is wanted.
   *
   * @param file the file
   * @param missingBytes bytes that are not in the cache yet; 0 for a file that is
   */
  public record Item(HubFile file, long missingBytes) {}

  /** Copies the list. */
  public HubPlan {
    files = List.copyOf(files);
  }

  /** Size of all files wanted, in bytes. */
  public long bytes() {
    return files.stream().mapToLong(item -> item.file().size()).reduce(0, Math::addExact);
  }

  /** Bytes that have to be downloaded. */
  public long missingBytes() {
    return files.stream().mapToLong(Item::missingBytes).reduce(0, Math::addExact);
  }
}
