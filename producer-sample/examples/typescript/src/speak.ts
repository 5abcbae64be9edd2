/*
 * Publishes a request, follows it to its outcome, and prints the URL of the clip.
 *
 *     npm run build && npm run --silent speak -- "Hello from TypeScript."
 *
 * Exit status: 0 the clip is stored and verified, 1 the request failed or was not verified, 3 no outcome was seen.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Consumer, EachMessagePayload, Kafka, TopicPartitionOffset, logLevel } from "kafkajs";
import { Registry } from "./registry";

const REQUESTS = "utter.requests";
const COMPLETED = "utter.completed";
const FAILED = "utter.failed";
const VERIFIED = "utter.verified";
const RESULTS = [COMPLETED, FAILED, VERIFIED];

const SCHEMA = join(__dirname, "../../SynthesisRequested.avsc");
const RESULT_MILLIS = 600_000;

/** The fields used here; docs/asyncapi.yaml has all. */
interface Completed {
  audio: { bucket: string; key: string; sha256: string };
  durationMillis: bigint;
  seed: bigint;
}

interface Failed {
  code: string;
  message: string;
}

interface Verified {
  verdict: string;
  requested: boolean;
}

/** The outcome is a failure, or the stored clip does not carry the mark. */
class RequestFailed extends Error {}

// TLS and SASL belong here.
const kafka = new Kafka({
  clientId: "utter-example",
  brokers: (process.env.UTTER_KAFKA_BOOTSTRAP_SERVERS ?? "localhost:9092").split(","),
  logLevel: logLevel.ERROR,
});
const registry = new Registry(process.env.UTTER_REGISTRY_URL ?? "http://localhost:8081");

/** The present ends of the result topics. */
async function ends(): Promise<TopicPartitionOffset[]> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const found = RESULTS.map(async (topic) =>
      (await admin.fetchTopicOffsets(topic)).map(({ partition, offset }) => ({ topic, partition, offset })),
    );
    return (await Promise.all(found)).flat();
  } finally {
    await admin.disconnect();
  }
}

/** Publishes a request and waits for the brokers. It is harmless to publish the same request again. */
async function publish(requestId: string, text: string): Promise<void> {
  const id = await registry.register(`${REQUESTS}-value`, readFileSync(SCHEMA, "utf8"));
  const value = await registry.encode(id, { requestId, text, requestedAt: BigInt(Date.now()) });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  try {
    await producer.send({ topic: REQUESTS, messages: [{ key: requestId, value }] });
  } finally {
    await producer.disconnect();
  }
  console.error(`published: ${requestId}`);
}

/** Gives the completed event once the stored clip is verified. */
function follow(consumer: Consumer, requestId: string, onceFollowing: () => Promise<void>): Promise<Completed> {
  let completed: Completed | undefined;
  let verdict: string | undefined;
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`no outcome of ${requestId} in time`)), RESULT_MILLIS).unref();
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    const eachMessage = async ({ topic, message }: EachMessagePayload) => {
      if (message.key?.toString() !== requestId || message.value === null) {
        return;
      }
      if (topic === FAILED) {
        const failed = await registry.decode<Failed>(message.value);
        reject(new RequestFailed(`${failed.code}: ${failed.message}`));
      } else if (topic === COMPLETED) {
        completed = await registry.decode<Completed>(message.value);
        console.error(`completed: ${Number(completed.durationMillis) / 1000} s, seed ${completed.seed}`);
      } else {
        const verified = await registry.decode<Verified>(message.value);
        // An answer to a request for verification says nothing about this request.
        verdict = verified.requested ? verdict : verified.verdict;
      }
      if (completed && verdict === "MATCH") {
        resolve(completed);
      } else if (completed && verdict) {
        reject(new RequestFailed(`the stored clip was verified as ${verdict}`));
      }
    };
    consumer.run({ autoCommit: false, eachMessage }).then(onceFollowing).catch(reject);
  });
}

async function main(text: string): Promise<void> {
  const requestId = randomUUID();
  const from = await ends(); // before the request is published, so that no outcome is missed
  // Each outcome is seen once: without readUncommitted, those of transactions that were aborted are left out.
  const consumer = kafka.consumer({ groupId: `utter-example-${requestId}` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: RESULTS });
    const { audio } = await follow(consumer, requestId, async () => {
      from.forEach((end) => consumer.seek(end));
      await publish(requestId, text);
    });
    console.log(`s3://${audio.bucket}/${audio.key}`);
  } finally {
    await consumer.disconnect();
  }
}

const text = process.argv[2];
if (text === undefined) {
  console.error('usage: npm run --silent speak -- "TEXT"');
  process.exit(2);
}
main(text).catch((failure: unknown) => {
  console.error(failure instanceof Error ? failure.message : failure);
  process.exitCode = failure instanceof RequestFailed ? 1 : 3;
});
