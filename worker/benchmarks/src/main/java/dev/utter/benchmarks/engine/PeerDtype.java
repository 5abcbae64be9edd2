package dev.utter.benchmarks.engine;

/** The types of numbers the peer is measured with. Its best is the faster one. */
enum PeerDtype {
  FLOAT32("float32"),
  BFLOAT16("bfloat16");

  private final String torchName;

  PeerDtype(String torchName) {
    this.torchName = torchName;
  }

  /** Attribute of the module {@code torch}. */
  String torchName() {
    return torchName;
  }
}
