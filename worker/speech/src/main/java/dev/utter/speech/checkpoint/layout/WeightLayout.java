package dev.utter.speech.checkpoint.layout;

/** How a checkpoint directory stores its weights. */
public enum WeightLayout {
  /** transformers' names, codec included, rotary pairs half a head apart. */
  TRANSFORMERS,
  /** The original program's names, codec in a separate file, rotary pairs side by side. */
  ORIGINAL
}
