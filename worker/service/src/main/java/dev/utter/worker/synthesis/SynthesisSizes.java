package dev.utter.worker.synthesis;

/**
 * Sizes of the synthesis that depend on the engine, see {@link SynthesisSettings#sizes}.
 *
 * @param finishingThreads threads that mark and encode clips
 * @param maxFinishing max clips generated and not yet published; above it requests of their urgency
 *     do not start
 * @param prefetch requests per lane whose context audio is held in memory ahead of its encoding
 */
record SynthesisSizes(int finishingThreads, int maxFinishing, int prefetch) {}
