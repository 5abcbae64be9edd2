/** The events that synthesis publishes. */
package dev.utter.worker.synthesis.event;
