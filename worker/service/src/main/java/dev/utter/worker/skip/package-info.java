/** Records that an operator has a stage skip. */
package dev.utter.worker.skip;
