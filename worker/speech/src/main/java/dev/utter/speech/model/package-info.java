/** A whole model: language model, codec and tokenizer of one checkpoint behind one face. */
package dev.utter.speech.model;
