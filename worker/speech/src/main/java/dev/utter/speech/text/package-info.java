/** Text to ids, and ids and context codes to the rows of a prompt. */
package dev.utter.speech.text;
