/**
 * Context audio of a request: fetched, decoded, and its codes kept for the next request. {@code
 * ContextFetcher} has the part before the start marker of the engine; the codes are computed after
 * it, by {@code Generation} of the synthesis.
 */
package dev.utter.worker.synthesis.context;
