package dev.utter.embedded.registry;

/** User name and password of HTTP basic authentication; toString leaves the password out. */
public record BasicCredentials(String user, String password) {
  /** Checks that the user name can be sent. */
  public BasicCredentials {
    if (user.isBlank() || user.contains(":")) {
      throw new IllegalArgumentException(
          "user is \"" + user + "\"; it must not be blank and holds no colon");
    }
  }

  @Override
  public String toString() {
    return "BasicCredentials[user=" + user + ", password=***]";
  }
}
