package dev.utter.worker.intake.offsets;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** The metadata of committed offsets, which other tools may have written. */
class ProgressFuzzTest {

  @FuzzTest
  void metadataIsReadOrUnreadable(FuzzedDataProvider data) {
    String metadata = data.consumeRemainingAsString();
    Progress.isRefusal(metadata);
    Progress progress;
    try {
      progress = Progress.decode(metadata);
    } catch (UnreadableProgressException e) {
      return;
    }
    String written = progress.encode();
    if (!Progress.decode(written).encode().equals(written) || progress.span() > Progress.MAX_SPAN) {
      throw new AssertionError(metadata + " is read as " + written);
    }
  }
}
