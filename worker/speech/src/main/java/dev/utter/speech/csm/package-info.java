/**
 * CSM's language model: backbone, depth decoder, sampling, and the engine that generates several
 * utterances in one continuous batch. The numbers are computed by {@code
 * src/main/torchscript/csm.py}.
 *
 * <p>An utterance's way: {@link dev.utter.speech.csm.SpeechEngine} takes it in, its prompt is run
 * in chunks outside the slots, it joins the batch of running slots, gets a frame with every step,
 * may be preempted for a more urgent one, and its samples are decoded as its frames come.
 */
package dev.utter.speech.csm;
