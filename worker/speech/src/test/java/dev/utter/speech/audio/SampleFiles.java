package dev.utter.speech.audio;

import dev.utter.speech.audio.encode.WaveWriter;
import dev.utter.speech.audio.ffmpeg.FfmpegProgram;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Makes small files of one tone in all formats, with the encoders of the packaged ffmpeg. */
final class SampleFiles {
  static final int RATE = 24_000;
  static final int LENGTH = 2 * RATE;

  private SampleFiles() {}

  /** 2 s of a tone with vibrato and changing loudness, of 16-bit values. */
  static AudioClip tone() {
    return tone(RATE);
  }

  static AudioClip tone(int rate) {
    float[] samples = new float[2 * rate];
    double phase = 0;
    for (int i = 0; i < samples.length; i++) {
      double time = i / (double) rate;
      phase += 2 * Math.PI * (220 + 60 * Math.sin(6 * time)) / rate;
      double value = (0.5 + 0.2 * Math.sin(26 * time)) * Math.sin(phase);
      samples[i] = Math.round(value * 0.6 * 32767) / 32768f;
    }
    return new AudioClip(samples, rate);
  }

  /** The tone as a WAV file of 16 bits. */
  static byte[] wav() {
    return WaveWriter.pcm16(tone());
  }

  static ByteBuffer pcm16() {
    return ByteBuffer.wrap(WaveWriter.pcm16Samples(tone().samples()));
  }

  /** The tone, encoded by ffmpeg with these arguments into a file with this extension. */
  static byte[] encoded(String extension, String arguments) {
    return encoded(wav(), extension, arguments);
  }

  static byte[] encoded(byte[] source, String extension, String arguments) {
    try {
      Path folder = Files.createTempDirectory("utter-samples-");
      try {
        Files.write(folder.resolve("in.wav"), source);
        List<String> command = new ArrayList<>();
        command.add(FfmpegProgram.locate().toString());
        command.addAll(List.of("-nostdin", "-loglevel", "error", "-y", "-i", "in.wav"));
        command.addAll(List.of(arguments.split(" ")));
        boolean piped = extension.startsWith("pipe.");
        command.add(piped ? "pipe:1" : "out." + extension);
        ProcessBuilder builder =
            new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("errors").toFile());
        builder.environment().put("LD_LIBRARY_PATH", FfmpegProgram.locate().getParent().toString());
        Process process = builder.start();
        byte[] output = process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
          throw new AssertionError(extension + ": " + Files.readString(folder.resolve("errors")));
        }
        return piped ? output : Files.readAllBytes(folder.resolve("out." + extension));
      } finally {
        for (File file : folder.toFile().listFiles()) {
          Files.delete(file.toPath());
        }
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] joined(byte[]... parts) {
    int length = Stream.of(parts).mapToInt(part -> part.length).sum();
    ByteBuffer all = ByteBuffer.allocate(length);
    Stream.of(parts).forEach(all::put);
    return all.array();
  }

  /** An ID3v2.4 tag with a body. */
  static byte[] id3(byte[] body) {
    int size = body.length;
    byte[] head = {
      'I',
      'D',
      '3',
      4,
      0,
      0,
      (byte) (size >> 21 & 127),
      (byte) (size >> 14 & 127),
      (byte) (size >> 7 & 127),
      (byte) (size & 127)
    };
    return joined(head, body);
  }

  static byte[] id3v1() {
    return joined(ascii("TAG"), new byte[125]);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] cut(byte[] file) {
    return Arrays.copyOf(file, file.length * 2 / 3 - 5);
  }

  /** The file with 60 bytes in its middle replaced. */
  static byte[] damaged(byte[] file) {
    byte[] copy = file.clone();
    for (int i = 0; i < 60; i++) {
      copy[file.length / 2 + i] = (byte) (i * 37 + 11);
    }
    return copy;
  }

  static byte[] replaced(byte[] file, int at, byte... bytes) {
    byte[] copy = file.clone();
    System.arraycopy(bytes, 0, copy, at, bytes.length);
    return copy;
  }

  /** NIST SPHERE of 16-bit samples. */
  static byte[] nist() {
    String header =
        "NIST_1A\n   1024\nchannel_count -i 1\nsample_count -i %d\nsample_rate -i %d\n"
                .formatted(LENGTH, RATE)
            + "sample_n_bytes -i 2\nsample_byte_format -s2 01\nsample_sig_bits -i 16\n"
            + "sample_coding -s3 pcm\nend_head\n";
    return joined(ascii(header), new byte[1024 - header.length()], pcm16().array());
  }
}
