package dev.utter.worker.storage.object;

/**
 * How a conditional put ended.
 *
 * @param created whether the object was written now; false if one was there and was left as it is.
 *     That one may be this call's own: where an answer is lost, the put is tried again and meets
 *     what the first try wrote. The metadata tells
 * @param head the object as it is stored now
 */
public record PutResult(boolean created, ObjectHead head) {}
