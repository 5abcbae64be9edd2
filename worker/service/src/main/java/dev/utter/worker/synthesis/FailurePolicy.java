package dev.utter.worker.synthesis;

import dev.utter.worker.synthesis.job.JobStep;

/**
 * Decides what becomes of a job after an error that nobody expected. The error may be the request's
 * doing or the worker's, and nobody knows which: so the attempt counts, and attempts are limited.
 *
 * @param attemptLimit attempts after which a request fails
 */
record FailurePolicy(int attemptLimit) {

  /** What follows. */
  enum Decision {
    /** Not even the failure can be published: no request is at fault any more. */
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

  /** Whether a record has taken the worker down as often as it may. */
  boolean isExhausted(int starts) {
    return starts >= attemptLimit;
  }
}
