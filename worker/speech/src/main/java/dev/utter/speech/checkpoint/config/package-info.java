/** The settings of a published model: sizes, rotary embedding, defaults of sampling. */
package dev.utter.speech.checkpoint.config;
