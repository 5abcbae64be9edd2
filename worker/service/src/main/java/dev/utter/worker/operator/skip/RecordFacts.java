package dev.utter.worker.operator.skip;

import dev.utter.worker.skip.RecordPosition;
import dev.utter.worker.skip.SkippingStage;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a record that may be skipped.
 *
 * @param position its position
 * @param key its key as text; empty if it has none
 * @param at its time
 * @param valueBytes size of its value
 * @param digest of its bytes
 * @param stages how far each stage that reads the topic is with it
 */
public record RecordFacts(
    RecordPosition position,
    Optional<String> key,
    Instant at,
    int valueBytes,
    String digest,
    Map<SkippingStage, Standing> stages) {}
