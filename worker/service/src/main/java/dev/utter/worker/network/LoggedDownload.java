package dev.utter.worker.network;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubFile;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the progress of a model's download. */
final class LoggedDownload implements FetchListener {
  private static final Logger LOGGER = LoggerFactory.getLogger(LoggedDownload.class);

  @Override
  public void begins(HubFile file, long from) {
    LOGGER
        .atInfo()
        .addKeyValue("file", file.path())
        .addKeyValue("bytes", file.size())
        .addKeyValue("from", from)
        .log("Downloading a file of the model");
  }

  @Override
  public void finished(HubFile file) {
    LOGGER.atInfo().addKeyValue("file", file.path()).log("Downloaded a file of the model");
  }

  @Override
  public void waits(HubFile file) {
    LOGGER
        .atInfo()
        .addKeyValue("file", file.path())
        .log("Waiting for another process that downloads a file of the model");
  }

  @Override
  public void retries(String reason, Duration wait) {
    LOGGER
        .atWarn()
        .addKeyValue("reason", reason)
        .addKeyValue("wait", wait)
        .log("Download of the model failed, trying again");
  }
}
