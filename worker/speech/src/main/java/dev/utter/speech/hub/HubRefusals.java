package dev.utter.speech.hub;

import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.time.Clock;
import java.util.Set;

/** The meaning of answers without success, and the remedy for a person. */
final class HubRefusals {

  private static final Set<Integer> MAY_PASS = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final String INVALID_TOKEN = "Invalid credentials in Authorization header";

  private final HubSettings settings;
  private final boolean hasToken;
  private final Clock clock;

  HubRefusals(HubSettings settings, boolean hasToken, Clock clock) {
    this.settings = settings;
    this.hasToken = hasToken;
    this.clock = clock;
  }

  /**
   * Accepts answers with success.
   *
   * @param what the file or the list that was asked for
   * @throws TransferException if another attempt may succeed
   * @throws HubException if no attempt can succeed; the message has the remedy
   */
  void check(HubAnswer answer, HubReference reference, String what) throws TransferException {
    int status = answer.status();
    if (status == 200 || status == 206) {
      return;
    }
    // Links to other hosts end after a while; the hub makes new ones.
    if (MAY_PASS.contains(status) || !answer.isOfTheHub()) {
      throw new TransferException(
          answer.place() + " answered with status " + status, answer.wait(clock));
    }
    throw new HubException(explain(answer, reference, what));
  }

  private String explain(HubAnswer answer, HubReference reference, String what) {
    String code = answer.header("X-Error-Code").orElse("");
    String message = answer.header("X-Error-Message").map(HubFile::printable).orElse("");
    String said = message.isEmpty() ? "" : ". The hub says: " + message;
    if (code.equals("GatedRepo")) {
      return (hasToken ? noAccess(reference.id()) : needsToken(reference.id())) + said;
    }
    if (code.equals("RevisionNotFound")) {
      return reference.id()
          + " has no revision "
          + reference.revision()
          + "; those it has are on "
          + settings.page(reference.id())
          + "/tree/main";
    }
    if (code.equals("EntryNotFound")) {
      return reference + " has no " + what;
    }
    if (message.equals(INVALID_TOKEN)) {
      return "the hub does not know the token, it may have been revoked; make a new one on "
          + tokenPage();
    }
    if (code.equals("RepoNotFound") || answer.status() == 401 || answer.status() == 404) {
      return "there is no model "
          + reference.id()
          + " on "
          + settings.endpoint()
          + (hasToken ? ", or this token may not read it" : ", or it is private and needs a token")
          + said;
    }
    if (answer.status() == 403) {
      return "the hub refuses access to "
          + reference.id()
          + "; the token needs the right to read it, see "
          + tokenPage()
          + said;
    }
    return answer.place() + " answered with status " + answer.status() + said;
  }

  private String needsToken(RepositoryId id) {
    return id
        + " is gated. Open "
        + settings.page(id)
        + ", sign in and accept its terms. Then make a token with the right to read on "
        + tokenPage()
        + " and set HF_TOKEN to it, or write it to the token file of HF_HOME";
  }

  private String noAccess(RepositoryId id) {
    return id
        + " is gated, and the account of this token has no access. Open "
        + settings.page(id)
        + " with that account and accept its terms, or wait until access is granted. A fine-grained"
        + " token also needs the right to read gated models, see "
        + tokenPage();
  }

  private String tokenPage() {
    return settings.endpoint() + "/settings/tokens";
  }
}
