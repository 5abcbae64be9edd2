/**
 * Rules for the fields of a request, shared by all stages: ids, bucket names, object keys, text.
 * Also how a hostile value is quoted in a message.
 */
package dev.utter.worker.rules;
