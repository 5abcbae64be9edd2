/** Removing what is kept of one request. */
package dev.utter.worker.erasure;
