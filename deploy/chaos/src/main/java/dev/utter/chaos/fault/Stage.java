package dev.utter.chaos.fault;

import dev.utter.chaos.load.Publisher;
import dev.utter.chaos.load.SteadyLoad;
import dev.utter.chaos.process.Backends;
import dev.utter.chaos.process.Fleet;
import dev.utter.chaos.record.OpenRequests;
import dev.utter.chaos.record.TopicRecorder;

/**
 * What faults have to work with.
 *
 * @param backends broker, registry and store
 * @param fleet the workers
 * @param publisher publishes what a fault needs to strike
 * @param load what is published meanwhile
 * @param recorder shows what the workers have written
 * @param open requests without outcome
 * @param partitions of every topic
 */
public record Stage(
    Backends backends,
    Fleet fleet,
    Publisher publisher,
    SteadyLoad load,
    TopicRecorder recorder,
    OpenRequests open,
    int partitions) {}
