/**
 * Events to bytes and back through Confluent's Avro serializers, with every failure sorted into
 * "this record can never be read" ({@link dev.utter.worker.avro.UndecodableRecordException}) and
 * "the registry cannot answer now" ({@link dev.utter.worker.failure.RetryLaterException}).
 */
package dev.utter.worker.avro;
