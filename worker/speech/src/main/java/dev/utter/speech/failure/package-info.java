/** What ends the load of a model or the synthesis of an utterance. */
package dev.utter.speech.failure;
