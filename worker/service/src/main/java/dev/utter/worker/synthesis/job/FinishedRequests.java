package dev.utter.worker.synthesis.job;

import dev.utter.events.SynthesisRequested;
import dev.utter.worker.synthesis.request.RequestContent;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The requests whose outcomes this worker has published lately. Admission guarantees that a lane
 * holds each request once; this checks it again for the remembered requests. Thread-safe.
 */
final class FinishedRequests {
  private static final int REMEMBERED = 10_000;

  private final Map<String, String> fingerprints =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > REMEMBERED;
        }
      };

  void add(SynthesisRequested request) {
    String fingerprint = RequestContent.fingerprint(request);
    synchronized (fingerprints) {
      fingerprints.put(request.getRequestId(), fingerprint);
    }
  }

  boolean contains(SynthesisRequested request) {
    String known;
    synchronized (fingerprints) {
      known = fingerprints.get(request.getRequestId());
    }
    return known != null && known.equals(RequestContent.fingerprint(request));
  }
}
