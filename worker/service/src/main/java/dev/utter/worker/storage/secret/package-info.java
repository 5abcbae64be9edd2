/** Credentials and secrets that are read again when their files change. */
package dev.utter.worker.storage.secret;
