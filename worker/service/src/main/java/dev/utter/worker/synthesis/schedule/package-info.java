/** Which job fetches its context and which goes to the engine next. */
package dev.utter.worker.synthesis.schedule;
