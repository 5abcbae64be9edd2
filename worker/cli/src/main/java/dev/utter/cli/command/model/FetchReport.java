package dev.utter.cli.command.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.hub.ModelHub;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.HubPlan;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Report of a download of models.
 *
 * @param plans for each requested model: the model itself, and the models that it needs
 * @param hub the hub's cache and the free space there
 * @param settings the hub's pages
 */
record FetchReport(List<List<HubPlan>> plans, ModelHub hub, HubSettings settings) {

  private Stream<HubPlan> all() {
    return plans.stream().flatMap(List::stream);
  }

  /** Size of all files. */
  long bytes() {
    return all().mapToLong(HubPlan::bytes).sum();
  }

  /** Bytes to download. */
  long missingBytes() {
    return all().mapToLong(HubPlan::missingBytes).sum();
  }

  /** Size of the files that need no download. */
  long completeBytes() {
    return all()
        .flatMap(plan -> plan.files().stream())
        .filter(item -> item.missingBytes() == 0)
        .mapToLong(item -> item.file().size())
        .sum();
  }

  /** Prints the report as text. */
  void print(PrintWriter out) {
    all().forEach(plan -> print(plan, out));
    out.printf(
        "%s to download to %s, where %s are free%n",
        FetchProgress.bytes(missingBytes()),
        hub.cache().folder(),
        FetchProgress.bytes(hub.usableBytes()));
  }

  private void print(HubPlan plan, PrintWriter out) {
    HubListing listing = plan.listing();
    String terms =
        listing.gated()
            ? ", gated: its terms are on " + settings.page(listing.reference().id())
            : "";
    out.println(listing.reference() + " at " + listing.commit() + terms);
    for (HubPlan.Item item : plan.files()) {
      out.printf(
          "  %10s  %s%s%n",
          FetchProgress.bytes(item.file().size()),
          item.file().path(),
          item.missingBytes() == 0 ? ", in the cache" : "");
    }
  }

  /**
   * The report as JSON.
   *
   * @param folders the folders of the requested models; empty before they are downloaded
   */
  ObjectNode json(List<Path> folders) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("cache", hub.cache().folder().toString());
    root.put("freeBytes", hub.usableBytes());
    root.put("missingBytes", missingBytes());
    ArrayNode models = root.putArray("models");
    for (int i = 0; i < plans.size(); i++) {
      for (HubPlan plan : plans.get(i)) {
        ObjectNode model = describe(plan, models.addObject());
        if (i < folders.size() && plan == plans.get(i).get(0)) {
          model.put("folder", folders.get(i).toString());
        }
      }
    }
    return root;
  }

  private static ObjectNode describe(HubPlan plan, ObjectNode model) {
    HubListing listing = plan.listing();
    model.put("model", listing.reference().id().toString());
    model.put("revision", listing.reference().revision());
    model.put("commit", listing.commit());
    model.put("gated", listing.gated());
    ArrayNode files = model.putArray("files");
    for (HubPlan.Item item : plan.files()) {
      files
          .addObject()
          .put("path", item.file().path())
          .put("bytes", item.file().size())
          .put("missingBytes", item.missingBytes());
    }
    return model;
  }
}
