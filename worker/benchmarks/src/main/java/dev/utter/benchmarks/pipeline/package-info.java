/**
 * The pipeline benchmark: the time that Kafka, registry, object store and admission add to a job,
 * and the throughput by number of workers.
 *
 * <p>Its waiting engine replaces speech and watermark. Only the classes of its package {@code
 * worker} make and start it: no setting of a worker can select it.
 */
package dev.utter.benchmarks.pipeline;
