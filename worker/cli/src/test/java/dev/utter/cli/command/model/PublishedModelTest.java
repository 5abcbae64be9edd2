package dev.utter.cli.command.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.cli.Main;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way of the page on models, "Real speech in ten minutes", in processes of their own: from a
 * hub that has the development model under the published names to a clip, and through an object
 * store to a machine without internet.
 */
@Tag("integration")
class PublishedModelTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));
  private static final Path MODEL = HOME.resolve("worker/speech/models/development");
  private static final String TOKEN = "hf_secret";

  @TempDir private Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private EmbeddedS3 s3;
  private SmallHub hub;

  @BeforeEach
  void publish() throws IOException {
    Path silentCipher = folder.resolve("silentcipher");
    Path networks = Files.createDirectories(silentCipher.resolve("44_1_khz/73999_iteration"));
    try (Stream<Path> files = Files.list(MODEL.resolve("watermark"))) {
      for (Path file : files.toList()) {
        Files.copy(file, networks.resolve(file.getFileName()));
      }
    }
    hub =
        new SmallHub(
            Map.of("sesame/csm-1b", MODEL, "sony/silentcipher", silentCipher), Optional.of(TOKEN));
    s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
    s3.createBucket("models");
    environment.putAll(
        Map.of(
            "HF_ENDPOINT", hub.endpoint(),
            "HF_HOME", folder.resolve("huggingface").toString(),
            "HF_TOKEN", TOKEN,
            "UTTER_STORAGE_ENDPOINT", s3.endpoint(),
            "UTTER_STORAGE_ACCESS_KEY", s3.accessKey(),
            "UTTER_STORAGE_SECRET_KEY", s3.secretKey(),
            "UTTER_STORAGE_MODEL_CACHE", folder.resolve("models").toString()));
  }

  @AfterEach
  void stop() {
    hub.close();
    s3.close();
  }

  @Test
  void aModelIsFetchedPushedPulledAndSpoken() throws Exception {
    // When: the steps of the page are followed
    utter("model", "fetch", "sesame/csm-1b", "sony/silentcipher");
    hub.close();
    environment.put("HF_HUB_OFFLINE", "1");
    byte[] fetched = speak("fetched.wav", "sesame/csm-1b", "sony/silentcipher");
    utter("model", "push", "sesame/csm-1b", "s3://models/csm-1b");
    utter("model", "push", "sony/silentcipher", "s3://models/silentcipher");

    // And: the steps for a machine without internet
    environment.put("HF_HOME", folder.resolve("nothing").toString());
    utter("model", "pull", "s3://models/csm-1b");
    utter("model", "pull", "s3://models/silentcipher");
    byte[] pulled = speak("pulled.wav", "s3://models/csm-1b", "s3://models/silentcipher");

    // Then
    assertThat(fetched).isNotEmpty().isEqualTo(pulled);
  }

  private byte[] speak(String clip, String model, String watermark) throws Exception {
    Path out = folder.resolve(clip);
    utter(
        "speak",
        "--model",
        model,
        "--watermark",
        watermark,
        "--precision",
        "int8",
        "--text",
        "Hello from Sesame.",
        "--max-duration",
        "2",
        "--out",
        out.toString());
    return Files.readAllBytes(out);
  }

  private void utter(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dutter.home=" + HOME,
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("(UTTER|HF)_.*"));
    builder.environment().put("OPT_OUT_TRACKING", "true");
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }
}
