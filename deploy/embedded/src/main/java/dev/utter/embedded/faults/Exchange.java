package dev.utter.embedded.faults;

/**
 * A request on its way through the proxy.
 *
 * @param client name of the port it came in by
 * @param method of HTTP
 * @param path without its query
 */
public record Exchange(String client, String method, String path) {}
