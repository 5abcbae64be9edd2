/** The consumer group: its clients and protocol, and the partitions that this worker has. */
package dev.utter.worker.intake.group;
