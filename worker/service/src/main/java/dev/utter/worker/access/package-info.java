/**
 * Which objects a request may name: where its context may come from, where its clip may go, and
 * what may be verified.
 */
package dev.utter.worker.access;
