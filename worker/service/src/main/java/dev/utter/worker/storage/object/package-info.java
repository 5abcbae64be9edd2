/** Where an object is, and what the store says about it. */
package dev.utter.worker.storage.object;
