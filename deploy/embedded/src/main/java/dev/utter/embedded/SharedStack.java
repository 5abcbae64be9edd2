package dev.utter.embedded;

/**
 * One {@link EmbeddedStack} for all the tests of a JVM, started by the first that asks, with
 * Utter's topics made, and stopped when the JVM ends.
 *
 * <p>Tests share its topics and leave their records behind. So a test uses request ids, consumer
 * groups, transactional ids and buckets of its own, for example ending in a random UUID, and looks
 * only at records with its ids. A test that stops parts of the stack, counts records or needs other
 * settings starts an {@link EmbeddedStack} of its own, which in a warm JVM takes below a second.
 */
public final class SharedStack {
  /** Enough to have work on several partitions and few enough to start quickly. */
  private static final int PARTITIONS = 4;

  private SharedStack() {}

  /** The stack; nobody closes it but the end of the JVM. */
  public static EmbeddedStack get() {
    return Holder.STACK;
  }

  private static final class Holder {
    private static final EmbeddedStack STACK = start();

    private static EmbeddedStack start() {
      EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
      Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "embedded-stack-close"));
      stack.createTopics(PARTITIONS);
      return stack;
    }
  }
}
