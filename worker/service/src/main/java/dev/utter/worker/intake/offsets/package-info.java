/** Where work on a partition of a lane begins: committed offsets and the progress beside them. */
package dev.utter.worker.intake.offsets;
