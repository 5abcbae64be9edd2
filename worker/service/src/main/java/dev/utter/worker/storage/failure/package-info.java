/** Why an object cannot be used, and why the store cannot. */
package dev.utter.worker.storage.failure;
