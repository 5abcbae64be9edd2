/** The command that verifies the signature of a clip, without Kafka, registry or store. */
package dev.utter.cli.verify;
