/** Quality of speech: what an ear understands of it, how clips end, whose voice they have. */
package dev.utter.benchmarks.quality;
