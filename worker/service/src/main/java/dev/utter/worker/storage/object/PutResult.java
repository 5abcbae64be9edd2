package dev.utter.worker.storage.object;

/**
 * How a conditional put ended.
 *
 * @param created whether the object was written now; false if one was there and was left as it is.
 *     The existing object may be this call's own: if an answer is lost, the put is repeated and
 *     finds what the first attempt wrote. The metadata shows which it is
 * @param head the object as it is stored now
 */
public record PutResult(boolean created, ObjectHead head) {}
