package dev.utter.speech.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.HubReference;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages when the hub refuses a request. */
class RefusalTest {

  private static final Optional<HubToken> TOKEN = HubToken.of("test", "hf_secret");

  @TempDir private Path folder;
  private HubRig rig;

  @BeforeEach
  void publish() {
    rig = new HubRig(folder);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @Test
  void aGatedModelNamesThePageWithItsTermsAndTheOneForTokens() {
    // Given
    rig.server.gate(HubRig.ID, "hf_other");

    // Then
    assertThatThrownBy(() -> rig.fetch())
        .hasMessageContaining("sesame/csm-1b is gated")
        .hasMessageContaining("Open " + rig.server.endpoint() + "/sesame/csm-1b, sign in")
        .hasMessageContaining(rig.server.endpoint() + "/settings/tokens")
        .hasMessageContaining("HF_TOKEN");
    assertThat(rig.waits).isEmpty();
  }

  @Test
  void anAccountWithoutAccessIsSentToTheTerms() {
    // Given
    rig.server.gate(HubRig.ID, "hf_other");

    // Then
    assertThatThrownBy(() -> rig.fetch(rig.hub(TOKEN), FetchListener.SILENT))
        .hasMessageContaining("the account of this token has no access")
        .hasMessageContaining("accept its terms, or wait until access is granted")
        .hasMessageContaining("The hub says: Access is restricted")
        .hasMessageNotContaining("hf_secret");
  }

  @Test
  void anAccountWithAccessDownloads() {
    // Given
    rig.server.gate(HubRig.ID, "hf_secret");

    // When
    HubListing listing = rig.hub().list(HubRig.MODEL, FetchListener.SILENT);
    Path snapshot = rig.fetch(rig.hub(TOKEN), FetchListener.SILENT);

    // Then
    assertThat(listing.gated()).isTrue();
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  @Test
  void aTokenThatTheHubDoesNotKnowIsNamed() {
    // Given
    rig.server.failNext(
        "/revision/", 401, "X-Error-Message", "Invalid credentials in Authorization header");

    // Then
    assertThatThrownBy(() -> rig.fetch(rig.hub(TOKEN), FetchListener.SILENT))
        .hasMessageContaining("the hub does not know the token");
  }

  @Test
  void aModelThatDoesNotExistMayBePrivate() {
    assertThatThrownBy(
            () -> rig.hub().list(HubReference.parse("nobody/nothing"), FetchListener.SILENT))
        .hasMessageContaining("there is no model nobody/nothing on " + rig.server.endpoint())
        .hasMessageContaining("or it is private and needs a token");
  }

  @Test
  void aRevisionThatDoesNotExistIsNamed() {
    assertThatThrownBy(
            () -> rig.hub().list(HubReference.parse(HubRig.ID + "@v9"), FetchListener.SILENT))
        .hasMessageContaining("sesame/csm-1b has no revision v9")
        .hasMessageContaining(rig.server.endpoint() + "/sesame/csm-1b/tree/main");
  }

  @Test
  void aFileThatVanishedIsNamed() {
    // Given
    rig.server.failNext("/resolve/", 404, "X-Error-Code", "EntryNotFound");

    // Then
    assertThatThrownBy(() -> rig.fetch()).hasMessageContaining("sesame/csm-1b has no file ");
  }

  @Test
  void aTokenWithoutTheRightIsSentToItsPage() {
    // Given
    rig.server.failNext("/revision/", 403, "X-Error-Message", "token\twithout \u001b[1mscope");

    // Then
    assertThatThrownBy(() -> rig.fetch(rig.hub(TOKEN), FetchListener.SILENT))
        .hasMessageContaining("/settings/tokens")
        .hasMessageNotContaining("\u001b");
  }

  @Test
  void anyOtherStatusIsShown() {
    // Given
    rig.server.failNext("/revision/", 418);

    // Then
    assertThatThrownBy(() -> rig.fetch()).hasMessageContaining("answered with status 418");
  }
}
