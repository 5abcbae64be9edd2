package dev.utter.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The settings file of one worker, as an operator would write it. */
final class WorkerSettingsFile {
  private WorkerSettingsFile() {}

  static Path write(
      Path folder, Backends backends, WorkerPlan plan, Path model, int port, Path state)
      throws IOException {
    String yaml =
        """
        worker:
          name: %s
          roles: [%s]
          development: true
          stopTimeout: 20s
        kafka:
          bootstrapServers: %s
          stateFolder: %s
        registry:
          url: %s
        storage:
          endpoint: %s
          accessKey: %s
          secretKey: env:UTTER_STORAGE_SECRET_KEY
          callTimeout: 10s
        output:
          bucket: %s
          prefix: %s
        model:
          source: %s
          threads: 1
          slots: %d
          memoryBytes: 400000000
        synthesis:
          maxRetry: 2s
        intake:
          stopGrace: 10s
        http:
          address: 127.0.0.1
          port: %d
        """
            .formatted(
                plan.name(),
                String.join(", ", plan.roles()),
                backends.bootstrapServers(),
                state,
                backends.registryNetwork().url(plan.name()),
                backends.storeNetwork().url(plan.name()),
                backends.accessKey(),
                Backends.BUCKET,
                Backends.PREFIX,
                model,
                plan.slots(),
                port);
    return Files.writeString(folder.resolve(plan.name() + ".yaml"), yaml);
  }
}
