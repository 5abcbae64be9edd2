/** Sees what a consumer and a reader of the store see, and writes it into the history. */
package dev.utter.chaos.record;
