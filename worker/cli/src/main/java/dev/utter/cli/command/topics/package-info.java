/** Commands for the topics and the rights in Kafka. */
package dev.utter.cli.command.topics;
