package dev.utter.worker.synthesis;

/**
 * What of the synthesis fits an engine, see {@link SynthesisSettings#sizes}.
 *
 * @param finishingThreads threads that mark and encode clips
 * @param maxFinishing clips generated and not yet published, before requests of their urgency wait
 *     with their start
 * @param prefetch requests per lane whose context audio is held in memory ahead of its encoding
 */
record SynthesisSizes(int finishingThreads, int maxFinishing, int prefetch) {}
