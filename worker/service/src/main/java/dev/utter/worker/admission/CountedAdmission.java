package dev.utter.worker.admission;

import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.worker.streams.commit.AfterCommit;

/** Forwards what one processor did to the listener, once it is committed. */
record CountedAdmission(AdmissionListener listener, AfterCommit afterCommit)
    implements AdmissionListener {

  CountedAdmission {
    requireNonNull(listener, "listener is null");
    requireNonNull(afterCommit, "afterCommit is null");
  }

  @Override
  public void admitted(Priority lane) {
    afterCommit.report(() -> listener.admitted(lane));
  }

  @Override
  public void refused(FailureCode code) {
    afterCommit.report(() -> listener.refused(code));
  }

  @Override
  public void repeated() {
    afterCommit.report(listener::repeated);
  }

  @Override
  public void foreign(String topic) {
    afterCommit.report(() -> listener.foreign(topic));
  }

  @Override
  public void forwarded(String topic) {
    afterCommit.report(() -> listener.forwarded(topic));
  }
}
