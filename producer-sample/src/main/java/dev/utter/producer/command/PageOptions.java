package dev.utter.producer.command;

import dev.utter.producer.client.AudioStore;
import dev.utter.producer.client.ResultFollower;
import dev.utter.producer.client.SynthesisClient;
import dev.utter.producer.page.ProducerPage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of the page. */
final class PageOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--page-address",
      paramLabel = "ADDRESS",
      description = "Where the page listens (default: ${DEFAULT-VALUE}). It has no authentication.",
      defaultValue = "127.0.0.1")
  private InetAddress pageAddress;

  @Option(
      names = "--page-host",
      paramLabel = "NAME",
      description =
          "A further name under which the page is opened, beside localhost and --page-address.")
  private List<String> pageHosts = List.of();

  /** Serves the page until the process ends. */
  int serve(
      int port, SynthesisClient client, ResultFollower follower, AccessOptions access, Clock clock)
      throws Exception {
    try (AudioStore store = new AudioStore(access.storage(System::getenv));
        ProducerPage page =
            new ProducerPage(
                new InetSocketAddress(pageAddress, port),
                pageHosts,
                client,
                follower,
                store,
                clock)) {
      if (!pageAddress.isLoopbackAddress()) {
        spec.commandLine()
            .getErr()
            .println(
                "The page has no authentication: everyone who reaches "
                    + pageAddress.getHostAddress()
                    + " has this producer's rights");
      }
      spec.commandLine().getErr().println("Open " + page.url() + " (Ctrl-C ends it)");
      Thread.currentThread().join();
      return 0;
    }
  }
}
