import { Type, types } from "avsc";

const MAGIC = 0;
const HEADER_BYTES = 5;

/** Avro's long as a bigint: a seed does not fit a number. */
const bigint = types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** A time is a long with a logical type. */
function isLong(schema: unknown): boolean {
  return schema === "long" || (schema as { type?: unknown }).type === "long";
}

/** Events in Confluent's wire format: a zero byte, the schema's id as four bytes, and Avro. */
export class Registry {
  private readonly types = new Map<number, Promise<Type>>();

  constructor(private readonly url: string) {}

  /** The id of a schema under a subject; registers the schema if it is missing. */
  async register(subject: string, schema: string): Promise<number> {
    const { id } = await this.call<{ id: number }>(`/subjects/${encodeURIComponent(subject)}/versions`, {
      method: "POST",
      headers: { "Content-Type": "application/vnd.schemaregistry.v1+json" },
      body: JSON.stringify({ schema }),
    });
    return id;
  }

  async encode(id: number, event: unknown): Promise<Buffer> {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt8(MAGIC);
    header.writeUInt32BE(id, 1);
    return Buffer.concat([header, (await this.type(id)).toBuffer(event)]);
  }

  async decode<T>(value: Buffer): Promise<T> {
    if (value.length < HEADER_BYTES || value.readUInt8() !== MAGIC) {
      throw new Error("the record is not in Confluent's wire format");
    }
    return (await this.type(value.readUInt32BE(1))).fromBuffer(value.subarray(HEADER_BYTES)) as T;
  }

  /** Each schema is fetched once. */
  private type(id: number): Promise<Type> {
    let type = this.types.get(id);
    if (!type) {
      type = this.call<{ schema: string }>(`/schemas/ids/${id}`).then(({ schema }) =>
        Type.forSchema(JSON.parse(schema), { typeHook: (part) => (isLong(part) ? bigint : undefined) }),
      );
      this.types.set(id, type);
    }
    return type;
  }

  private async call<T>(path: string, init?: RequestInit): Promise<T> {
    const answer = await fetch(this.url + path, init);
    if (!answer.ok) {
      throw new Error(`the registry answers ${answer.status}: ${await answer.text()}`);
    }
    return (await answer.json()) as T;
  }
}
