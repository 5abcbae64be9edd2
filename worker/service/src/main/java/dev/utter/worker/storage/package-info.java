/**
 * Objects in S3, through the MinIO SDK. {@link dev.utter.worker.storage.ObjectStore} reads whole
 * objects within a size limit and writes an object only if its key is free.
 *
 * <p>A failure is either a fact about the requested object ({@link
 * dev.utter.worker.storage.failure.UnusableObjectException}: the caller knows which field of the
 * request named it) or a temporary state of the store ({@link
 * dev.utter.worker.storage.failure.StorageUnavailableException}). {@code StoreAnswers} decides this
 * for every answer.
 */
package dev.utter.worker.storage;
