/** A whole model: language model, codec and tokenizer of one checkpoint behind one interface. */
package dev.utter.speech.model;
