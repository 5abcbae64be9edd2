package dev.utter.speech.hub.listing;

/**
 * A download from the hub did not succeed, or something needed is not in the cache. The message
 * names the model, what happened and what to do; it never holds the token.
 */
public final class HubException extends RuntimeException {

  public HubException(String message) {
    super(message);
  }

  public HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
