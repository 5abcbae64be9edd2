package dev.utter.worker.operator.skip;

import dev.utter.events.Topics;
import dev.utter.worker.admission.AdmissionStage;
import dev.utter.worker.skip.SkippingStage;
import dev.utter.worker.status.StatusStage;
import dev.utter.worker.verification.VerificationStage;
import java.util.List;

/** The topics whose records a stage can skip. */
public final class StageInputs {
  private StageInputs() {}

  /** The topics that a stage reads with a consumer group. */
  public static List<String> of(SkippingStage stage) {
    return switch (stage) {
      case ADMISSION -> AdmissionStage.INPUTS;
      case SYNTHESIS -> Topics.lanes();
      case VERIFICATION -> VerificationStage.INPUTS;
      case STATUS -> StatusStage.INPUTS;
    };
  }
}
