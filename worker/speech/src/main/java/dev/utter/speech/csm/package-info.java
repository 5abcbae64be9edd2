/**
 * CSM's language model: backbone, depth decoder, sampling and the loop that turns a prompt into
 * frames of codes. The numbers are computed by {@code src/main/torchscript/csm.py}.
 */
package dev.utter.speech.csm;
