package dev.utter.worker.operator.topics;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.admission.AdmissionStage;
import dev.utter.worker.settings.TopicCreation;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.status.StatusStage;
import dev.utter.worker.streams.topics.TopicCheck;
import dev.utter.worker.streams.topics.TopicDifference;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.List;

/**
 * All topics of Utter on a cluster, as {@link Topics} specifies them.
 *
 * <p>Every method throws {@link dev.utter.worker.failure.RetryLaterException} if the brokers do not
 * answer, and {@link dev.utter.worker.failure.WorkerBrokenException} if they refuse.
 *
 * <p>Threading: used by one thread; calls block.
 */
public final class ClusterTopics implements AutoCloseable {
  private static final List<List<String>> EQUAL =
      List.of(AdmissionStage.INPUTS, StatusStage.INPUTS);

  private final Pause pause = new Pause();
  private final TopicCheck check;
  private final TopicCreation creation;
  private final Duration idsRemembered;

  /**
   * The topics on the cluster of these settings.
   *
   * @param creation how missing topics are created
   */
  public ClusterTopics(WorkerSettings settings, TopicCreation creation) {
    this.creation = requireNonNull(creation, "creation is null");
    idsRemembered = settings.admission().retention();
    check = TopicCheck.open(settings.kafka().client(), pause);
  }

  /** The differences from the specification. */
  public List<TopicDifference> differences() {
    return check.differences(
        Topics.specs(), EQUAL, creation.partitions(), creation.replication(), idsRemembered);
  }

  /** What {@link #create} would create, with the commands that do the same. */
  public List<TopicDifference> missing() {
    return check.missing(
        Topics.specs(), creation.partitions(), creation.replication(), idsRemembered);
  }

  /** Creates missing topics, and returns their names. Existing topics are not changed. */
  public List<String> create() {
    List<String> created = missing().stream().map(TopicDifference::topic).toList();
    check.create(Topics.specs(), creation.partitions(), creation.replication(), idsRemembered);
    return created;
  }

  @Override
  public void close() {
    check.close();
    pause.close();
  }
}
