/**
 * CSM's language model: backbone, depth decoder and sampling for several slots at once, its
 * weights, KV caches and kernels. The numbers are computed by {@code src/main/torchscript/csm.py}
 * and its parts in {@code csm/}.
 *
 * <p>At load, {@code CsmWeights} gives each matrix the storage and the kernels that {@link
 * dev.utter.speech.csm.matrix.KernelPlans} chooses. A frame step goes through {@link
 * dev.utter.speech.csm.FrameSteps}, which replays CUDA graphs where it can, then {@link
 * dev.utter.speech.csm.CsmProgram#step}, then {@code step} of the program. With the CPU operators,
 * {@code StepThreads} chooses the number of their threads.
 */
package dev.utter.speech.csm;
