/** Proxies that break connections, for tests and fault runs. */
package dev.utter.embedded.faults;
