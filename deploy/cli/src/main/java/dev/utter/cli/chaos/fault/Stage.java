package dev.utter.cli.chaos.fault;

import dev.utter.cli.chaos.load.Publisher;
import dev.utter.cli.chaos.load.SteadyLoad;
import dev.utter.cli.chaos.process.Backends;
import dev.utter.cli.chaos.process.Fleet;
import dev.utter.cli.chaos.record.OpenRequests;
import dev.utter.cli.chaos.record.TopicRecorder;

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
