/**
 * Objects in S3, through the MinIO SDK. {@link dev.utter.worker.storage.ObjectStore} reads whole
 * objects within a size limit and writes an object only if its key is free.
 *
 * <p>What goes wrong is either a fact about the object asked for ({@link
 * dev.utter.worker.storage.failure.UnusableObjectException}: the caller knows which field of the
 * request named it) or a passing state of the store ({@link
 * dev.utter.worker.storage.failure.StorageUnavailableException}). Which it is, {@code StoreAnswers}
 * says for every answer.
 */
package dev.utter.worker.storage;
