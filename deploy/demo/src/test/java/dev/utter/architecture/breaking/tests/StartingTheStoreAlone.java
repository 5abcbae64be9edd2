package dev.utter.architecture.breaking.tests;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;

/** Starts a store, and names the stack without starting it. */
public class StartingTheStoreAlone {
  /** The address of the store. */
  public String address(EmbeddedS3Settings settings) {
    try (EmbeddedS3 s3 = EmbeddedS3.start(settings)) {
      return s3.endpoint();
    }
  }

  /** The address of the store of a stack that is already there. */
  public String address(EmbeddedStack stack) {
    return stack.s3Endpoint();
  }
}
