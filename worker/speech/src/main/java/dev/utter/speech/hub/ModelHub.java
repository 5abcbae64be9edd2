package dev.utter.speech.hub;

import dev.utter.speech.cache.DiskSpace;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.HubPlan;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Downloads models from the hub into its cache. Several processes and threads may do so at the same
 * time.
 */
public final class ModelHub {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Disk space that must stay free, in bytes. */
  private static final long SPARE_BYTES = 64L << 20;

  private final HubSettings settings;
  private final HubHttp http;
  private final HubRefusals refusals;
  private final HubCache cache;
  private final Patience.Pause pause;
  private final ToLongFunction<Path> usableBytes;

  /**
   * @param token token of the person who downloads; gated models need one
   * @throws HubException if the token would go over the network in clear text
   */
  public ModelHub(HubSettings settings, Optional<HubToken> token) {
    this(
        settings,
        token,
        TIMEOUT,
        Clock.systemUTC(),
        duration -> Thread.sleep(duration.toMillis()),
        DiskSpace::usableBytes);
  }

  ModelHub(
      HubSettings settings,
      Optional<HubToken> token,
      Duration timeout,
      Clock clock,
      Patience.Pause pause,
      ToLongFunction<Path> usableBytes) {
    this.settings = settings;
    this.http = new HubHttp(settings.endpoint(), token, timeout);
    this.refusals = new HubRefusals(settings, token.isPresent(), clock);
    this.cache = new HubCache(settings.cache());
    this.pause = pause;
    this.usableBytes = usableBytes;
  }

  /** The cache that this downloads to. */
  public HubCache cache() {
    return cache;
  }

  /** Bytes that can be written there now. */
  public long usableBytes() {
    return usableBytes.applyAsLong(cache.folder());
  }

  /**
   * Asks the hub for a model's files.
   *
   * @throws HubException if it has no such model or revision, or does not answer
   */
  public HubListing list(HubReference reference, FetchListener listener) {
    if (settings.offline()) {
      throw new HubException(
          reference + " cannot be looked up: HF_HUB_OFFLINE forbids to ask the hub");
    }
    return new HubApi(settings, http, refusals, pause).list(reference, listener);
  }

  /** Plans the download of some files of a model. */
  public HubPlan plan(HubListing listing, List<HubFile> files) {
    return new HubPlan(
        listing,
        files.stream()
            .map(
                file ->
                    new HubPlan.Item(
                        file, cache.missingBytes(listing.reference().id(), listing.commit(), file)))
            .toList());
  }

  /**
   * Downloads the missing files.
   *
   * @return the folder with the files
   * @throws HubException if the hub refuses, the disk is too small, the network fails again and
   *     again, or a content has a wrong checksum
   */
  public Path fetch(HubPlan plan, FetchListener listener) {
    checkSpace(plan.missingBytes());
    HubListing listing = plan.listing();
    RepositoryId id = listing.reference().id();
    try {
      for (HubPlan.Item item : plan.files()) {
        if (!cache.isComplete(id, listing.commit(), item.file())) {
          new BlobDownload(http, refusals, settings, cache, pause, listing, item.file(), listener)
              .run();
        }
        cache.link(id, listing.commit(), item.file());
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
    return cache.snapshot(id, listing.commit());
  }

  /**
   * Records in the cache the commit that the branch or tag stands for, so that {@link
   * HubCache#snapshot} finds it. Call it once all files are there.
   */
  public void remember(HubListing listing) {
    try {
      cache.remember(listing.reference(), listing.commit());
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private HubException unwritable(IOException cause) {
    return new HubException("the cache " + cache.folder() + " cannot be written: " + cause, cause);
  }

  /**
   * Checks that the disk has space for a download.
   *
   * @throws HubException if it has not; the message has the needed and the free space
   */
  public void checkSpace(long bytes) {
    long free = usableBytes();
    if (bytes > 0 && bytes > free - SPARE_BYTES) {
      throw new HubException(
          "%s has %d MB free, but the download needs %d MB; HF_HOME names another place"
              .formatted(cache.folder(), free / 1_000_000, (bytes + SPARE_BYTES) / 1_000_000));
    }
  }
}
