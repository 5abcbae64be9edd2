package dev.utter.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.helm.ChartQueries;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.settings.WorkerSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What alerts, dashboard and autoscaling ask for is what a real worker serves. */
@Tag("integration")
class RealScrapeTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path stateFolder;

  @Test
  void aWorkerThatHasJustStartedServesEverySeriesThatIsAskedFor() throws Exception {
    // Given
    List<String> queries = new ArrayList<>(Monitoring.panelQueries());
    Monitoring.alerts().stream()
        .map(alert -> alert.path("expr"))
        .map(JsonNode::asText)
        .forEach(queries::add);
    queries.addAll(ChartQueries.ofAutoscaling());
    try (EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary())) {
      stack.createTopics(1);
      stack.createBucket("utter-clips");

      // When
      try (WorkerProcess worker = new WorkerProcess(settings(stack))) {
        worker.start();

        // Then
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> {
                  Scrape scrape = new Scrape(metrics(worker));
                  assertThat(queries)
                      .allSatisfy(
                          query -> assertThat(scrape.missing(new PromQuery(query))).isEmpty());
                });
        assertThat(new Scrape(metrics(worker)).missing(new PromQuery("utter_nonsense{lane=\"x\"}")))
            .isNotEmpty();
      }
    }
  }

  private static String metrics(WorkerProcess worker) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + worker.httpPort() + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private WorkerSettings settings(EmbeddedStack stack) {
    return WorkerSettings.parse(
        """
        worker: {name: scraped, development: true}
        kafka: {bootstrapServers: "%s", stateFolder: "%s"}
        registry: {url: "%s"}
        output: {bucket: utter-clips}
        storage: {endpoint: "%s", accessKey: "%s", secretKey: env:SECRET}
        model: {source: "%s", slots: 2}
        http: {address: 127.0.0.1, port: 0}
        """
            .formatted(
                stack.bootstrapServers(),
                stateFolder,
                stack.schemaRegistryUrl(),
                stack.s3Endpoint(),
                stack.s3AccessKey(),
                Monitoring.ROOT.resolve("worker/speech/models/development")),
        Map.of("SECRET", stack.s3SecretKey()));
  }
}
