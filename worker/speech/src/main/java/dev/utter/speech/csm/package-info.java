/**
 * CSM's language model: backbone, depth decoder and sampling for several slots at once, its
 * weights, KV caches and kernels. The numbers are computed by {@code src/main/torchscript/csm.py}.
 */
package dev.utter.speech.csm;
