package dev.utter.speech.model;

import dev.utter.speech.checkpoint.Companions;
import dev.utter.speech.checkpoint.ModelInspection;
import dev.utter.speech.checkpoint.PublishedFiles;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.hub.ModelHub;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.HubPlan;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Downloads published models: those of their files that are read, and no others. */
public final class ModelFetch {

  private final ModelHub hub;
  private final HubReference codec;

  /** Takes the codec from where it is published with moshi. */
  public ModelFetch(ModelHub hub) {
    this(hub, Companions.CODEC);
  }

  /**
   * @param codec one of {@link Companions#CODECS}: where the codec of the original layout is taken
   *     from
   */
  public ModelFetch(ModelHub hub, HubReference codec) {
    this.hub = hub;
    this.codec = codec;
  }

  /**
   * Plans a download. Asks the hub and writes nothing.
   *
   * @param layout the layout wanted of a checkpoint that is published in several; nothing for
   *     transformers' if it is there
   * @return the model, and the models published elsewhere that it needs
   * @throws HubException if the hub has no such model, or nothing in it can be used
   */
  public List<HubPlan> plan(
      HubReference reference, Optional<WeightLayout> layout, FetchListener listener) {
    HubListing listing = hub.list(reference, listener);
    if (isCheckpoint(reference.id())) {
      return planCheckpoint(listing, layout, listener);
    }
    List<String> files = files(listing);
    if (files.isEmpty()) {
      throw new HubException(reference + " holds no file that is read");
    }
    return List.of(plan(listing, files));
  }

  private List<HubPlan> planCheckpoint(
      HubListing listing, Optional<WeightLayout> layout, FetchListener listener) {
    List<String> names = listing.paths();
    List<String> files =
        PublishedFiles.ofCheckpoint(names, layout)
            .orElseThrow(
                () ->
                    new HubException(
                        listing.reference()
                            + " holds no checkpoint of CSM"
                            + layout.map(wanted -> " in layout " + wanted).orElse("")
                            + ": config.json and weights such as model.safetensors"));
    List<HubPlan> plans = new ArrayList<>();
    plans.add(plan(listing, files));
    if (PublishedFiles.needCodec(files, names)) {
      plans.addAll(plan(codec, Optional.empty(), listener));
    }
    if (PublishedFiles.needTokenizer(files)) {
      plans.addAll(plan(Companions.TOKENIZER, Optional.empty(), listener));
    }
    return plans;
  }

  /** Whether a model is a checkpoint of CSM, and not a part that checkpoints need. */
  static boolean isCheckpoint(RepositoryId id) {
    return !isWatermark(id) && !Companions.isCodec(id) && !id.equals(Companions.TOKENIZER.id());
  }

  private static boolean isWatermark(RepositoryId id) {
    return id.toString().toLowerCase(Locale.ROOT).equals(ModelSource.WATERMARK);
  }

  private static List<String> files(HubListing listing) {
    RepositoryId id = listing.reference().id();
    if (isWatermark(id)) {
      return ModelSource.WATERMARK_FILES.stream()
          .map(name -> ModelSource.WATERMARK_FOLDER + "/" + name)
          .filter(listing.paths()::contains)
          .toList();
    }
    return Companions.isCodec(id)
        ? PublishedFiles.ofCodec(listing.paths())
        : PublishedFiles.ofTokenizer(listing.paths());
  }

  private HubPlan plan(HubListing listing, List<String> names) {
    List<HubFile> files = names.stream().map(name -> listing.file(name).orElseThrow()).toList();
    return hub.plan(listing, files);
  }

  /**
   * Downloads the planned files, and checks that a checkpoint is complete.
   *
   * @return the folder of the model asked for
   * @throws HubException as {@link ModelHub#fetch}
   * @throws dev.utter.speech.failure.CheckpointException if the published files are no usable
   *     checkpoint
   */
  public Path fetch(List<HubPlan> plans, FetchListener listener) {
    hub.checkSpace(plans.stream().mapToLong(HubPlan::missingBytes).sum());
    boolean checkpoint = isCheckpoint(plans.get(0).listing().reference().id());
    if (checkpoint) {
      checkSettings(plans.get(0).listing(), listener);
    }
    List<Path> folders = plans.stream().map(plan -> hub.fetch(plan, listener)).toList();
    for (HubPlan plan : plans.subList(1, plans.size())) {
      hub.remember(plan.listing());
    }
    if (checkpoint) {
      ModelInspection.inspect(folders.get(0));
    }
    hub.remember(plans.get(0).listing());
    return folders.get(0);
  }

  /** Refuses a model of another kind before its gigabytes are downloaded. */
  private void checkSettings(HubListing listing, FetchListener listener) {
    HubFile config = listing.file(PublishedFiles.CONFIG).orElseThrow();
    Path folder = hub.fetch(hub.plan(listing, List.of(config)), listener);
    CsmConfig.read(folder.resolve(PublishedFiles.CONFIG));
  }
}
