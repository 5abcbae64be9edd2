/** The tensors that a checkpoint must have, and the layouts that are converted to it. */
package dev.utter.speech.checkpoint.layout;
