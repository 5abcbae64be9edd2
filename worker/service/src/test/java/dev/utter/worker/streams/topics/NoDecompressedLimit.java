package dev.utter.worker.streams.topics;

import dev.utter.events.TopicSpec;
import java.util.Map;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;

/** Makes a broker answer as those that do not know the limit for decompressed records. */
public final class NoDecompressedLimit implements CreateTopicPolicy {
  @Override
  public void validate(RequestMetadata topic) {
    if (topic.configs().containsKey(TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES)) {
      throw new InvalidConfigurationException(
          "Unknown topic config name: " + TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES);
    }
  }

  @Override
  public void configure(Map<String, ?> configs) {}

  @Override
  public void close() {}
}
