package dev.utter.chaos.fault;

import dev.utter.chaos.load.Publisher;
import dev.utter.chaos.load.SteadyLoad;
import dev.utter.chaos.process.Backends;
import dev.utter.chaos.process.Fleet;
import dev.utter.chaos.record.OpenRequests;
import dev.utter.chaos.record.TopicRecorder;

/**
 * The parts of a run that faults use.
 *
 * @param backends broker, registry and store
 * @param fleet the workers
 * @param publisher publishes the requests that a fault needs
 * @param load the load that is published during faults
 * @param recorder shows what the workers have written
 * @param open requests without outcome
 * @param partitions partitions of every topic
 */
public record Stage(
    Backends backends,
    Fleet fleet,
    Publisher publisher,
    SteadyLoad load,
    TopicRecorder recorder,
    OpenRequests open,
    int partitions) {}
