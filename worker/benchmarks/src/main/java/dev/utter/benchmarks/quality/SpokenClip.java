package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;
import java.util.Optional;

/**
 * A clip and what should be said in it.
 *
 * @param name its name in results
 * @param text what should be said
 * @param audio the samples; empty where nothing was generated
 * @param ending why its generation ended; empty for a recording
 */
record SpokenClip(String name, String text, Optional<AudioClip> audio, Optional<String> ending) {}
