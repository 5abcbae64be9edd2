package dev.utter.worker.synthesis;

import dev.utter.worker.synthesis.job.JobStep;

/**
 * Decides what happens to a job after an unexpected error. It is unknown whether the request or the
 * worker caused the error, so the attempt counts, and attempts are limited.
 *
 * @param attemptLimit attempts after which a request fails
 */
record FailurePolicy(int attemptLimit) {

  /** What follows. */
  enum Decision {
    /** Not even the failure can be published: the worker is at fault, and no request. */
    WORKER_BROKEN,
    /** The request fails, with a dead letter. */
    GIVE_UP,
    /** The attempt begins anew, after a pause. */
    RESTART,
    /** The step is repeated, after a pause. */
    REPEAT
  }

  /**
   * The decision.
   *
   * @param step that ended in the error
   * @param failures unexpected errors of the job on this worker, with this one
   * @param starts attempts begun on any worker
   * @param attempted whether an attempt is under way
   */
  Decision decide(JobStep step, int failures, int starts, boolean attempted) {
    if (failures > 2 * attemptLimit) {
      return Decision.WORKER_BROKEN;
    }
    if (attempts(failures, starts) >= attemptLimit) {
      return Decision.GIVE_UP;
    }
    return step.restarts() && attempted ? Decision.RESTART : Decision.REPEAT;
  }

  /** Attempts that count against the request. */
  int attempts(int failures, int starts) {
    return Math.max(failures, starts);
  }

  /** Whether a record has used up its attempts. */
  boolean isExhausted(int starts) {
    return starts >= attemptLimit;
  }
}
