#!/usr/bin/env python3
"""Publishes a request, follows it to its outcome, and prints the URL of the clip.

    python3 speak.py "Hello from Python."

Exit status: 0 the clip is stored and verified, 1 the request failed or was not verified, 3 no outcome was seen.
"""

import os
import sys
import time
import uuid
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

REQUESTS = "utter.requests"
COMPLETED = "utter.completed"
FAILED = "utter.failed"
VERIFIED = "utter.verified"

SCHEMA = Path(__file__).resolve().parent.parent / "SynthesisRequested.avsc"
CONNECT_SECONDS = 60
RESULT_SECONDS = 600


class RequestFailed(Exception):
    """The outcome is a failure, or the stored clip does not carry the mark."""


def kafka(**own):
    """The configuration of a client. TLS and SASL belong here."""
    return {
        "bootstrap.servers": os.environ.get("UTTER_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        **{name.replace("_", "."): value for name, value in own.items()},
    }


def ends(consumer, topics):
    """The partitions of the topics, each at its present end."""
    found = []
    for topic in topics:
        for number in consumer.list_topics(topic, timeout=CONNECT_SECONDS).topics[topic].partitions:
            partition = TopicPartition(topic, number)
            _, partition.offset = consumer.get_watermark_offsets(partition, timeout=CONNECT_SECONDS)
            found.append(partition)
    return found


def publish(registry, request):
    """Publishes a request and waits for the brokers. It is harmless to publish the same request again."""
    serialize = AvroSerializer(registry, SCHEMA.read_text())
    refusals = []
    producer = Producer(kafka(enable_idempotence=True))
    producer.produce(
        REQUESTS,
        key=request["requestId"].encode(),
        value=serialize(request, SerializationContext(REQUESTS, MessageField.VALUE)),
        on_delivery=lambda error, _: error and refusals.append(error),
    )
    if producer.flush(CONNECT_SECONDS) > 0:
        raise TimeoutError("the brokers do not answer")
    if refusals:
        raise KafkaException(refusals[0])


def follow(consumer, registry, request_id):
    """Waits for the outcome. Returns the completed event once the stored clip is verified."""
    deserialize = AvroDeserializer(registry)
    completed = verdict = None
    deadline = time.monotonic() + RESULT_SECONDS
    while time.monotonic() < deadline:
        record = consumer.poll(1.0)
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        if record.key() != request_id.encode() or record.value() is None:
            continue
        event = deserialize(record.value(), SerializationContext(record.topic(), MessageField.VALUE))
        if record.topic() == FAILED:
            raise RequestFailed(f"{event['code']}: {event['message']}")
        if record.topic() == COMPLETED:
            completed = event
            print(f"completed: {event['durationMillis'] / 1000} s, seed {event['seed']}", file=sys.stderr)
        # An answer to a request for verification says nothing about this request.
        if record.topic() == VERIFIED and not event["requested"]:
            verdict = event["verdict"]
        if completed and verdict == "MATCH":
            return completed
        if completed and verdict:
            raise RequestFailed(f"the stored clip was verified as {verdict}")
    raise TimeoutError(f"no outcome of {request_id} within {RESULT_SECONDS} s")


def main(text):
    request_id = str(uuid.uuid4())
    registry = SchemaRegistryClient({"url": os.environ.get("UTTER_REGISTRY_URL", "http://localhost:8081")})
    # Each outcome is seen once: those of transactions that were aborted are left out. No offset is ever committed.
    consumer = Consumer(
        kafka(group_id=request_id, enable_auto_commit=False, isolation_level="read_committed")
    )
    try:
        # Before the request is published, so that no outcome is missed.
        consumer.assign(ends(consumer, [COMPLETED, FAILED, VERIFIED]))
        publish(registry, {"requestId": request_id, "text": text, "requestedAt": int(time.time() * 1000)})
        print(f"published: {request_id}", file=sys.stderr)
        audio = follow(consumer, registry, request_id)["audio"]
        print(f"s3://{audio['bucket']}/{audio['key']}")
        return 0
    except RequestFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except (TimeoutError, KafkaException) as failure:
        print(failure, file=sys.stderr)
        return 3
    finally:
        consumer.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
