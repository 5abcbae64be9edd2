package dev.utter.events;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Declares the classes of this package as trusted. From 1.12.2 on, Avro refuses to read or write a
 * record of a class that is not declared as trusted.
 */
public final class EventClasses {
  private static final String PREFIX = EventClasses.class.getPackageName() + ".";

  static {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.getGlobal(), type -> type.getName().startsWith(PREFIX)));
  }

  private EventClasses() {}

  /**
   * Adds the events to the classes that Avro trusts in this process. Call this before the first
   * event is read or written; calling it again changes nothing. May be called from any thread.
   */
  public static void trust() {
    // The static initialiser of this class has run by now; it does the work once.
  }
}
