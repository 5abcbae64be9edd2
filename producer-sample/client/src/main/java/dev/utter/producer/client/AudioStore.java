package dev.utter.producer.client;

import static java.util.Objects.requireNonNull;

import dev.utter.events.ObjectReference;
import dev.utter.events.StoredAudio;
import io.minio.GetObjectArgs;
import io.minio.MinioClient;
import io.minio.PutObjectArgs;
import io.minio.errors.MinioException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/** Uploads context recordings and downloads clips. Safe for use by several threads. */
public final class AudioStore implements AutoCloseable {
  private final MinioClient client;

  public AudioStore(StorageAccess access) {
    this.client =
        MinioClient.builder()
            .endpoint(access.endpoint())
            .region(access.region())
            .credentials(access.accessKey(), access.secretKey())
            .build();
  }

  /**
   * Uploads a recording, to be named in a request's context.
   *
   * @throws IOException if the file cannot be read or the store refuses it
   */
  public ObjectReference upload(Path file, String bucket, String key) throws IOException {
    byte[] data = Files.readAllBytes(file);
    try {
      client.putObject(
          PutObjectArgs.builder().bucket(bucket).object(key).data(data, data.length).build());
    } catch (MinioException e) {
      throw new IOException("cannot upload " + file + " to " + bucket + "/" + key, e);
    }
    return ObjectReference.newBuilder().setBucket(bucket).setKey(key).build();
  }

  /**
   * Downloads a clip. The file appears complete or not at all, and only if its SHA-256 is that of
   * the event.
   *
   * @throws IOException if the clip cannot be read or written, or has another SHA-256 than the
   *     event says
   */
  public void download(StoredAudio audio, Path file) throws IOException {
    byte[] data = read(audio);
    String digest = sha256(data);
    if (!digest.equals(audio.getSha256())) {
      throw new IOException(
          "%s/%s has SHA-256 %s, but its event says %s"
              .formatted(audio.getBucket(), audio.getKey(), digest, audio.getSha256()));
    }
    Path folder = requireNonNull(file.toAbsolutePath().getParent(), "file is a root");
    Files.createDirectories(folder);
    // Not createTempFile: only the owner could read its file, and so the clip.
    Path part = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      Files.write(part, data);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /**
   * The bytes of a clip as stored.
   *
   * @throws IOException if the clip cannot be read
   */
  public byte[] read(StoredAudio audio) throws IOException {
    GetObjectArgs.Builder object =
        GetObjectArgs.builder().bucket(audio.getBucket()).object(audio.getKey());
    if (audio.getVersionId() != null) {
      object.versionId(audio.getVersionId());
    }
    try (InputStream in = client.getObject(object.build())) {
      return in.readAllBytes();
    } catch (MinioException e) {
      throw new IOException("cannot download " + audio.getBucket() + "/" + audio.getKey(), e);
    }
  }

  private static String sha256(byte[] data) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      client.close();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("cannot close the object store's client", e);
    }
  }
}
