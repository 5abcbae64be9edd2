package dev.utter.demo;

import dev.utter.events.SynthesisRequested;

/**
 * One request of the demo.
 *
 * @param request the event
 * @param cancelledFirst whether its cancellation is published before the request itself
 * @param expectation the outcome it must get
 */
record SampleRequest(SynthesisRequested request, boolean cancelledFirst, Expectation expectation) {
  String id() {
    return request.getRequestId();
  }
}
