/** Everything that the numbers of an evaluation depend on, by name: what goes on from an interrupted one has to be the same. */
import { buildInput } from '../generate/prompt.ts';
import type { BaseModel } from '../model/base-model.ts';
import { type Projector, writeProjector } from '../projector/projector.ts';
import type { Fingerprint } from '../train/checkpoint.ts';
import type { Example, Users } from '../train/training-data.ts';
import { targetIds } from './conditions.ts';

export interface FingerprintOptions {
  readonly model: BaseModel;
  readonly projectors: readonly Projector[];
  readonly constants?: readonly Projector[] | undefined;
  readonly users: Users;
  readonly examples: readonly Example[];
}

/** @param settings whatever else was chosen */
export async function fingerprintOf(
  { model, projectors, constants = [], users, examples }: FingerprintOptions,
  settings: Fingerprint,
): Promise<Fingerprint> {
  const hashes = async (name: string, files: readonly Projector[]) =>
    Promise.all(files.map(async (p, i) => [`${name} ${i + 1}`, await digest([writeProjector(p)])] as const));
  const people = [...new Set(examples.map((e) => e.user))];
  // The template and the tokenizer are in what they make of the examples.
  const tokens = examples.map((e) => [buildInput(model, e.messages).ids, targetIds(model, e.target)]);
  return {
    'model table': (await model.tableSha256()).slice(0, HEX),
    'bytes of weights': model.weightBytes,
    dtype: model.dtype,
    ...Object.fromEntries([
      ...(await hashes('projector', projectors)),
      ...(await hashes('constant', constants)),
    ]),
    data: await digest([JSON.stringify(examples)]),
    users: await digest([JSON.stringify(people), ...people.map((user) => users.rows.get(user)!)]),
    tokens: await digest([JSON.stringify(tokens)]),
    ...settings,
  };
}

/** Long enough to tell two files apart, short enough for a message. */
const HEX = 12;

async function digest(parts: readonly (string | Uint8Array | Float32Array)[]): Promise<string> {
  const bytes = await new Blob(parts as BlobPart[]).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (b) => b.toString(16).padStart(2, '0'))
    .join('')
    .slice(0, HEX);
}
