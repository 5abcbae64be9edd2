package dev.utter.speech.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Lists that a hub sends, and names that people write. */
class HubFuzzTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RepositoryId ID = RepositoryId.parse("a/b");
  private static final Path FOLDER = Path.of("/cache");
  private static final HubCache CACHE = new HubCache(FOLDER);

  @FuzzTest
  void namesOfAListStayInTheCache(byte[] bytes) {
    JsonNode list;
    try {
      list = JSON.readTree(bytes);
    } catch (IOException e) {
      return;
    }
    try {
      for (HubFile file : HubApi.files(list)) {
        Path snapshot = CACHE.snapshot(ID, "0".repeat(40));
        Path link = snapshot.resolve(file.path());
        assertThat(link).isEqualTo(link.normalize()).startsWithRaw(snapshot).isNotEqualTo(snapshot);
        assertThat(CACHE.blob(ID, file).normalize())
            .hasParentRaw(FOLDER.resolve("models--a--b/blobs"));
        assertThat(file.size()).isNotNegative();
      }
    } catch (HubException e) {
      // The other valid result.
    }
  }

  @FuzzTest
  void aNameIsAReferenceOrRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      HubReference reference = HubReference.parse(text);
      Path snapshot = CACHE.snapshot(reference.id(), "0".repeat(40));
      assertThat(snapshot.normalize()).isEqualTo(snapshot).startsWithRaw(FOLDER);
      assertThat(reference.revision()).doesNotContain("..").doesNotStartWith("/");
      assertThat(HubReference.parse(reference.toString())).isEqualTo(reference);
    } catch (IllegalArgumentException e) {
      // The other valid result.
    }
  }
}
