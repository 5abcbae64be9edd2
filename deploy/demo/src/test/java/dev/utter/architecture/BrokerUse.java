package dev.utter.architecture;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import dev.utter.embedded.kafka.EmbeddedKafka;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether a test starts a Kafka broker, itself or by what it calls. Follows calls from method to
 * method through tests and product. Does not see what a framework calls by reflection, such as the
 * commands of a command line.
 */
final class BrokerUse {
  private final Set<JavaCodeUnit> reached = new HashSet<>();
  private final Deque<JavaCodeUnit> open = new ArrayDeque<>();
  private final Set<JavaClass> initialized = new HashSet<>();
  private boolean broker;

  private BrokerUse() {}

  /** Whether code of the class, of those nested in it and of its base classes starts a broker. */
  static boolean startsABroker(JavaClass test) {
    BrokerUse use = new BrokerUse();
    Stream.concat(Stream.of(test), test.getAllRawSuperclasses().stream())
        .flatMap(type -> type.getPackage().getClassesInPackageTree().stream())
        .filter(type -> isIn(type, test))
        .forEach(use::reachAll);
    use.follow();
    return use.broker;
  }

  private static boolean isIn(JavaClass type, JavaClass test) {
    return type.equals(test)
        || test.getAllRawSuperclasses().contains(type)
        || type.getName().startsWith(test.getName() + "$");
  }

  private void follow() {
    while (!broker && !open.isEmpty()) {
      JavaCodeUnit unit = open.pop();
      broker |=
          unit.getOwner().isEquivalentTo(EmbeddedKafka.class) && unit.getName().equals("start");
      Stream.of(
              unit.getAccessesFromSelf().stream(),
              unit.getMethodReferencesFromSelf().stream(),
              unit.getConstructorReferencesFromSelf().stream())
          .flatMap(accesses -> accesses)
          .forEach(access -> access(access));
    }
  }

  private void access(JavaAccess<?> access) {
    initialize(access.getTargetOwner());
    access
        .getTarget()
        .resolveMember()
        .map(JavaMember.class::cast)
        .filter(JavaCodeUnit.class::isInstance)
        .map(JavaCodeUnit.class::cast)
        .ifPresent(this::reach);
  }

  private void reach(JavaCodeUnit unit) {
    if (!unit.getOwner().getPackageName().startsWith("dev.utter") || !reached.add(unit)) {
      return;
    }
    open.push(unit);
    initialize(unit.getOwner());
    if (unit.isConstructor() && unit.getOwner().isAnonymousClass()) {
      reachAll(unit.getOwner());
    }
  }

  private void reachAll(JavaClass type) {
    type.getCodeUnits().forEach(this::reach);
  }

  private void initialize(JavaClass type) {
    if (initialized.add(type)) {
      type.getStaticInitializer().ifPresent(this::reach);
    }
  }
}
