/**
 * A record as bytes, before it is sealed: length of the JSON (uint32), the JSON, the numbers (float32). Little-endian, as is
 * every platform with WebAssembly. Numbers stay out of the JSON because a buffer can be overwritten and a string can't.
 */

export interface VaultRecord {
  /** Vault time of storing, milliseconds since 1970: retention counts from here. */
  readonly at: number;
  readonly json: unknown;
  /** [dim], where the record is an embedding. */
  readonly values?: Float32Array;
}

export function encodeRecord({ at, json, values }: VaultRecord): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify([at, json]));
  const bytes = new Uint8Array(4 + text.length + (values?.byteLength ?? 0));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  if (values !== undefined) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 4 + text.length);
  }
  return bytes;
}

/** Inverse of {@link encodeRecord}. The bytes are authenticated: they are what `encodeRecord` made. */
export function decodeRecord(bytes: Uint8Array<ArrayBuffer>): VaultRecord {
  const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const [at, json] = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))) as [number, unknown];
  if (end === bytes.length) return { at, json };
  return { at, json, values: new Float32Array(bytes.slice(end).buffer) };
}
