package dev.utter.worker.models;

import dev.utter.speech.digest.Sha256;
import dev.utter.speech.hub.listing.FetchListener;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The content of a file that must have a certain checksum. Its last bytes can be read only if it
 * has, so that nothing else is ever stored as this content.
 */
final class CheckedContent extends FilterInputStream {
  private final long bytes;
  private final String sha256;
  private final FetchListener listener;
  private final MessageDigest digest = Sha256.start();
  private long have;
  private boolean changed;

  CheckedContent(InputStream in, long bytes, String sha256, FetchListener listener) {
    super(in);
    this.bytes = bytes;
    this.sha256 = sha256;
    this.listener = listener;
  }

  /** Whether another content was found. */
  boolean isChanged() {
    return changed;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int got = super.read(buffer, offset, length);
    if (got < 0) {
      require(have == bytes);
      return got;
    }
    digest.update(buffer, offset, got);
    have += got;
    if (have >= bytes) {
      require(have == bytes && isRight());
    }
    listener.received(got);
    return got;
  }

  private boolean isRight() throws IOException {
    try {
      MessageDigest soFar = (MessageDigest) digest.clone();
      return HexFormat.of().formatHex(soFar.digest()).equals(sha256);
    } catch (CloneNotSupportedException e) {
      throw new IOException("the digest cannot be finished early", e);
    }
  }

  private void require(boolean right) throws IOException {
    if (!right) {
      changed = true;
      throw new IOException("the file has another content than before");
    }
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
