/** Records in the history what a consumer and a reader of the store see. */
package dev.utter.chaos.record;
