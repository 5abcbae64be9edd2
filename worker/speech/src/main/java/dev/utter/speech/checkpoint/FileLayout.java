package dev.utter.speech.checkpoint;

/** The files that a checkpoint is written to. */
public enum FileLayout {
  /** One file with transformers' names; an audio table that both parts share is in it once. */
  SINGLE,
  /** The shards and their index of {@code sesame/csm-1b}, the audio table twice as published. */
  TRANSFORMERS,
  /** The original program's file of {@code sesame/csm-1b}, and the codec's as moshi names it. */
  ORIGINAL
}
