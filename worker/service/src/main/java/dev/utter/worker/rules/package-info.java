/**
 * What a field of a request may hold, whoever checks it: ids, bucket names, object keys, text. Also
 * how a hostile value is quoted in a message.
 */
package dev.utter.worker.rules;
