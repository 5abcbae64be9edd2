/** When a Streams thread commits, and what is done after it has. */
package dev.utter.worker.streams.commit;
