package dev.utter.embedded;

/**
 * One {@link EmbeddedStack} for all the tests of a JVM, started with Utter's topics at the first
 * call, and stopped when the JVM ends.
 *
 * <p>Tests share its topics and leave their records behind. So a test must use unique request ids,
 * consumer groups, transactional ids and buckets, for example with a random UUID at the end, and
 * look only at records with its ids. A test that stops parts of the stack, counts records or needs
 * other settings starts a separate {@link EmbeddedStack}, which takes less than a second in a warm
 * JVM.
 */
public final class SharedStack {
  /** Enough for work on several partitions, and few enough to start quickly. */
  private static final int PARTITIONS = 4;

  private SharedStack() {}

  /** The stack. It is closed when the JVM ends; callers must not close it. */
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
