package dev.utter.chaos.record;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.History;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Reads every object of the store and looks for the mark in its bytes. */
public final class ObjectRecorder {
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);
  private final Path networks;
  private final int examineEvery;

  /**
   * Makes a recorder.
   *
   * @param networks folder of the watermark networks
   * @param examineEvery the mark is looked for in every n-th object; 1 for all
   */
  public ObjectRecorder(Path networks, int examineEvery) {
    this.networks = networks;
    this.examineEvery = examineEvery;
  }

  /**
   * Writes all objects below a folder into the history.
   *
   * @param root folder with the objects, under their keys
   * @param start prefix of the keys
   * @return number of objects
   */
  public long record(Path root, String start, History history) throws IOException {
    List<Path> files;
    if (!Files.isDirectory(root.resolve(start))) {
      return 0;
    }
    try (Stream<Path> found = Files.walk(root.resolve(start))) {
      files = found.filter(Files::isRegularFile).sorted().toList();
    }
    try (Watermark watermark =
        Watermark.load(
            TorchEngine.start(EngineSettings.defaults().withThreads(1)),
            networks,
            WatermarkSettings.DEFAULT)) {
      for (int i = 0; i < files.size(); i++) {
        byte[] bytes = Files.readAllBytes(files.get(i));
        history.add(
            new Entry.Stored(
                History.now(),
                root.relativize(files.get(i)).toString(),
                bytes.length,
                Sha256.hex(bytes),
                i % examineEvery == 0 ? mark(watermark, bytes) : "NOT_EXAMINED"));
      }
    }
    return files.size();
  }

  private String mark(Watermark watermark, byte[] bytes) {
    try {
      return watermark.detect(decoder.decode(bytes), WatermarkKey.PUBLIC_DEMO).outcome().name();
    } catch (UnreadableAudioException e) {
      return "UNREADABLE";
    }
  }
}
