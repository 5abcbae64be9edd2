/** The topics a stage needs: whether they are there, as they have to be, and what they take. */
package dev.utter.worker.streams.topics;
