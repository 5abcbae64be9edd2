package dev.utter.embedded.faults;

/**
 * A request on its way through the proxy.
 *
 * @param client name of the client, to which the receiving port belongs
 * @param method of HTTP
 * @param path without its query
 */
public record Exchange(String client, String method, String path) {}
