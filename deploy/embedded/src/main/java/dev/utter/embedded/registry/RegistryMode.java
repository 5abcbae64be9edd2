package dev.utter.embedded.registry;

/** Whether new versions may be registered; the names are Confluent's. */
enum RegistryMode {
  READWRITE,
  READONLY
}
