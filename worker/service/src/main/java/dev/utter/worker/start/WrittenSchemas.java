package dev.utter.worker.start;

import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.SchemaProof.Written;
import dev.utter.worker.settings.Role;
import java.util.Collection;
import java.util.List;

/** The schemas that each role writes, for their proof at start and after. */
public final class WrittenSchemas {
  private WrittenSchemas() {}

  /** The schemas that a worker with these roles writes, each once. */
  public static List<Written> of(Collection<Role> roles) {
    return roles.stream()
        .sorted()
        .map(WrittenSchemas::of)
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  private static List<Written> of(Role role) {
    return switch (role) {
      // Lanes and dead letters receive the original bytes, which need no schema.
      case ADMISSION -> List.of(new Written(Topics.FAILED, SynthesisFailed.getClassSchema()));
      case SYNTHESIS ->
          List.of(
              new Written(Topics.STARTED, SynthesisStarted.getClassSchema()),
              new Written(Topics.COMPLETED, SynthesisCompleted.getClassSchema()),
              new Written(Topics.FAILED, SynthesisFailed.getClassSchema()));
      case VERIFICATION ->
          List.of(new Written(Topics.VERIFIED, WatermarkVerified.getClassSchema()));
      case STATUS -> List.of(new Written(Topics.STATUS, RequestStatus.getClassSchema()));
    };
  }
}
