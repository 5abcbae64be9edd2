package dev.utter.architecture.breaking.tests;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.SharedStack;
import java.util.function.Supplier;

/** Starts a broker by a call of a call, in a field's initial value and by a method reference. */
public class StartingABroker {
  private final Stack stack = new Stack();

  /** The address of the broker. */
  public String address() {
    return stack.it.get().bootstrapServers();
  }

  private static final class Stack {
    private final Supplier<EmbeddedStack> it = SharedStack::get;
  }
}
