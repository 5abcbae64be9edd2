package dev.utter.events;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Makes the classes of this package known to Avro as ones it may create. From 1.12.2 on Avro
 * refuses to read or write a record of a class that nobody has named as trusted.
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
   * event is read or written; calling it again changes nothing. From any thread.
   */
  public static void trust() {
    // The class is initialised by now, once, and that is all there is to do.
  }
}
