/** Commands that make or check a clip without Kafka: speak and watermark. */
package dev.utter.cli.command.speech;
