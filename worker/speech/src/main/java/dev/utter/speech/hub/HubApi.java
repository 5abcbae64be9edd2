package dev.utter.speech.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks the hub what a model consists of. */
final class HubApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_ANSWER_BYTES = 16 << 20;
  private static final int MAX_PAGES = 100;
  private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;\\s*rel=\"?next\"?");

  private final HubSettings settings;
  private final HubHttp http;
  private final HubRefusals refusals;
  private final Patience.Pause pause;

  HubApi(HubSettings settings, HubHttp http, HubRefusals refusals, Patience.Pause pause) {
    this.settings = settings;
    this.http = http;
    this.refusals = refusals;
    this.pause = pause;
  }

  private record Page(JsonNode content, Optional<URI> next) {}

  HubListing list(HubReference reference, FetchListener listener) {
    RepositoryId id = reference.id();
    JsonNode about =
        get(
                settings.api(id, "revision/" + encode(reference.revision())),
                reference,
                "description",
                listener)
            .content();
    String commit = about.path("sha").asText();
    if (!HubReference.isCommit(commit)) {
      throw new HubException("the hub gives no commit for " + reference);
    }
    String gated = about.path("gated").asText("false");
    List<HubFile> files = new ArrayList<>();
    Optional<URI> address =
        Optional.of(settings.api(id, "tree/" + encode(commit) + "?recursive=1"));
    for (int page = 0; address.isPresent(); page++) {
      if (page == MAX_PAGES) {
        throw new HubException(id + " lists more files than " + MAX_PAGES + " pages hold");
      }
      Page found = get(address.get(), reference, "list of files", listener);
      files.addAll(files(found.content()));
      address = found.next();
    }
    return new HubListing(reference, commit, !gated.equals("false"), files);
  }

  /**
   * Reads a page of a list.
   *
   * @throws HubException if a name leads out of the cache, or a size or a checksum is invalid
   */
  static List<HubFile> files(JsonNode page) {
    List<HubFile> files = new ArrayList<>();
    page.forEach(entry -> read(entry).ifPresent(files::add));
    return files;
  }

  private static Optional<HubFile> read(JsonNode entry) {
    if (!entry.path("type").asText().equals("file")) {
      return Optional.empty();
    }
    JsonNode large = entry.path("lfs");
    JsonNode content = large.isObject() ? large : entry;
    return Optional.of(
        new HubFile(
            entry.path("path").asText(),
            content.path("size").asLong(-1),
            content.path("oid").asText()));
  }

  private Page get(URI address, HubReference reference, String what, FetchListener listener) {
    Patience patience = new Patience(pause, listener);
    while (true) {
      try (HubAnswer answer = http.get(address, 0)) {
        refusals.check(answer, reference, what);
        JsonNode content = parse(answer);
        return new Page(content, answer.header("Link").flatMap(link -> next(address, link)));
      } catch (TransferException e) {
        patience.failed(e);
      }
    }
  }

  private static JsonNode parse(HubAnswer answer) throws TransferException {
    byte[] bytes = answer.bytes(MAX_ANSWER_BYTES);
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw new HubException(
          answer.place() + " does not answer as the hub does; HF_ENDPOINT may be wrong", e);
    }
  }

  private Optional<URI> next(URI address, String link) {
    Matcher matcher = NEXT.matcher(link);
    if (!matcher.find()) {
      return Optional.empty();
    }
    URI next;
    try {
      next = address.resolve(matcher.group(1));
    } catch (IllegalArgumentException e) {
      throw new HubException("the hub's list of files continues at an invalid address", e);
    }
    if (next.getHost() == null || !http.isHub(next)) {
      throw new HubException("the hub's list of files continues on another host");
    }
    return Optional.of(next);
  }

  /** One segment of an address. */
  static String encode(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
