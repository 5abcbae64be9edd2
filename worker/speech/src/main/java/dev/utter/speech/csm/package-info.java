/**
 * CSM's language model: backbone, depth decoder and sampling for several slots at once, its
 * weights, KV caches and kernels. The numbers are computed by {@code src/main/torchscript/csm.py}
 * and its parts in {@code csm/}.
 */
package dev.utter.speech.csm;
