package dev.utter.chaos.fault;

import dev.utter.embedded.faults.Exchange;
import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.faults.Interception;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Broker, registry and store that are unreachable, slow or faulty for some seconds. */
final class Outages {
  private static final Duration SLOW = Duration.ofSeconds(1);
  private static final int MIN_MILLIS = 3000;
  private static final int MORE_MILLIS = 2000;
  private static final int SERVICE_UNAVAILABLE = 503;

  private Outages() {}

  static String ofTheBroker(Stage stage, Strike strike) throws Exception {
    Kills.burst(stage, strike);
    strike.began("broker");
    stage.backends().killBroker();
    TimeUnit.MILLISECONDS.sleep(1000 + strike.random().nextInt(MORE_MILLIS));
    stage.backends().startBroker();
    return "broker";
  }

  static String ofTheStore(Stage stage, Strike strike) throws Exception {
    return down(stage, strike, stage.backends().storeNetwork(), "store");
  }

  static String ofTheRegistry(Stage stage, Strike strike) throws Exception {
    return down(stage, strike, stage.backends().registryNetwork(), "registry");
  }

  static String slowStore(Stage stage, Strike strike) throws Exception {
    return meanwhile(
        stage,
        strike,
        stage.backends().storeNetwork(),
        List.of(Interception.delay(all(), SLOW)),
        "store");
  }

  static String slowRegistry(Stage stage, Strike strike) throws Exception {
    return meanwhile(
        stage,
        strike,
        stage.backends().registryNetwork(),
        List.of(Interception.delay(all(), SLOW)),
        "registry");
  }

  static String cutStore(Stage stage, Strike strike) throws Exception {
    AtomicInteger number = new AtomicInteger();
    return meanwhile(
        stage,
        strike,
        stage.backends().storeNetwork(),
        List.of(
            Interception.cutAfter(exchange -> number.incrementAndGet() % 2 == 0),
            Interception.cutBefore(all())),
        "store");
  }

  static String cutRegistry(Stage stage, Strike strike) throws Exception {
    return meanwhile(
        stage,
        strike,
        stage.backends().registryNetwork(),
        List.of(Interception.cutBefore(all())),
        "registry");
  }

  static String refusedObjects(Stage stage, Strike strike) throws Exception {
    int third = strike.random().nextInt(3);
    return meanwhile(
        stage,
        strike,
        stage.backends().storeNetwork(),
        List.of(
            Interception.refuse(
                exchange -> Math.floorMod(exchange.path().hashCode(), 3) == third,
                SERVICE_UNAVAILABLE,
                "SlowDown")),
        "a third of all objects");
  }

  private static String down(Stage stage, Strike strike, FaultyHttp network, String target)
      throws Exception {
    Kills.burst(stage, strike);
    strike.began(target);
    network.refuse();
    try {
      last(strike);
    } finally {
      network.accept();
    }
    return target;
  }

  private static String meanwhile(
      Stage stage,
      Strike strike,
      FaultyHttp network,
      List<Interception> interceptions,
      String target)
      throws Exception {
    Kills.burst(stage, strike);
    strike.began(target);
    interceptions.forEach(network::add);
    try {
      last(strike);
    } finally {
      interceptions.forEach(network::remove);
    }
    return target;
  }

  private static void last(Strike strike) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(MIN_MILLIS + strike.random().nextInt(MORE_MILLIS));
  }

  private static Predicate<Exchange> all() {
    return exchange -> true;
  }
}
