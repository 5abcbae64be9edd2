/**
 * The topics a stage needs: checks that they exist and are configured correctly, and the record
 * sizes they accept.
 */
package dev.utter.worker.streams.topics;
