/**
 * Verification: stored clips are read back and searched for the watermark by a stage that shares no
 * code path with the one that made them, and knows only what the store gives it.
 */
package dev.utter.worker.verification;
