package dev.utter.speech.hub.listing;

import java.util.List;
import java.util.Optional;

/**
 * The files of a model at a revision, as the hub lists them.
 *
 * @param reference the model and the revision asked for
 * @param commit the commit it stands for
 * @param gated whether only those who accepted its terms may download it
 * @param files all its files
 */
public record HubListing(
    HubReference reference, String commit, boolean gated, List<HubFile> files) {

  /** Copies the list. */
  public HubListing {
    files = List.copyOf(files);
  }

  /** Names of all files. */
  public List<String> paths() {
    return files.stream().map(HubFile::path).toList();
  }

  /** The file of a name. */
  public Optional<HubFile> file(String path) {
    return files.stream().filter(file -> file.path().equals(path)).findFirst();
  }
}
