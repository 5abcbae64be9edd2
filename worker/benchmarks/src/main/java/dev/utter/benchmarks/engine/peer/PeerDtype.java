package dev.utter.benchmarks.engine.peer;

/** The types of numbers the peer is measured with. Its best is the faster one. */
public enum PeerDtype {
  FLOAT32("float32"),
  BFLOAT16("bfloat16");

  private final String torchName;

  PeerDtype(String torchName) {
    this.torchName = torchName;
  }

  /** Attribute of the module {@code torch}. */
  public String torchName() {
    return torchName;
  }
}
