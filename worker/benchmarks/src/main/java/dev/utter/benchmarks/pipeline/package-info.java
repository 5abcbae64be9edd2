/**
 * The pipeline benchmark: what Kafka, registry, object store and admission add to the time of a
 * job, and how throughput follows the number of workers.
 *
 * <p>Its waiting engine stands in for speech and watermark. It is made and started by classes of
 * {@code worker} alone: no worker can be set to use it.
 */
package dev.utter.benchmarks.pipeline;
