/** Context audio of a request: fetched, decoded, and its codes kept for the next request. */
package dev.utter.worker.synthesis.context;
