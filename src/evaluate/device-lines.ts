/**
 * JSON Lines that devices made, of one format: each has 128 random bits of its own, so that one which was sent twice is known. A message names
 * file, line and field, and never repeats what stands there.
 */
import { E2PError } from '../error.ts';
import { jsonLines } from '../train/training-data.ts';

export interface DeviceLine {
  readonly value: Readonly<Record<string, unknown>>;
  /** @throws E2PError `invalid-data` naming the field, where it does not hold */
  expect(field: string, holds: boolean, expected: string): void;
  /** An earlier line has the same id. */
  readonly isRepeated: boolean;
}

/** @throws E2PError `invalid-data` */
export function* deviceLines(
  bytes: Uint8Array,
  fileName: string,
  format: 'e2p-summary' | 'e2p-report',
): Generator<DeviceLine, void> {
  const ids = new Set<unknown>();
  for (const { value, refuse } of jsonLines(bytes, fileName)) {
    const expect = (field: string, holds: boolean, expected: string) => {
      if (!holds) refuse(field, value[field] === undefined ? 'missing' : 'something else', expected);
    };
    const { id, version } = value;
    expect('format', value.format === format, JSON.stringify(format));
    expect('version', version === 1, '1');
    expect('id', typeof id === 'string' && /^[0-9a-f]{32}$/.test(id), '32 hexadecimal digits');
    yield { value, expect, isRepeated: ids.has(id) };
    ids.add(id);
  }
  if (ids.size === 0) throw new E2PError('invalid-data', `${fileName}: no ${format}, expected at least one`);
}
