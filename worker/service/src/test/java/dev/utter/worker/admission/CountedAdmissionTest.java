package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CountedAdmissionTest {

  static Stream<Method> reports() {
    return Stream.of(AdmissionListener.class.getDeclaredMethods())
        .filter(method -> !method.isSynthetic());
  }

  /** A report that is not passed on would fall to the interface's default, and be lost. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("reports")
  void passesEveryReportOn(Method report) {
    assertThat(CountedAdmission.class.getDeclaredMethods())
        .anySatisfy(
            method -> {
              assertThat(method.getName()).isEqualTo(report.getName());
              assertThat(method.getParameterTypes()).isEqualTo(report.getParameterTypes());
            });
  }
}
