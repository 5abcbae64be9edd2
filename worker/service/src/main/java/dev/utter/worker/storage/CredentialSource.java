package dev.utter.worker.storage;

/** Where the store's credentials come from; setting {@code storage.credentials}. */
enum CredentialSource {
  /** From {@code storage.accessKey} and {@code storage.secretKey}. */
  KEYS,
  /** From the role that the platform runs the worker in. */
  PLATFORM
}
