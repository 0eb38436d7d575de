/** Everything that the numbers of an evaluation depend on, by name: what goes on from an interrupted one has to be the same. */
import { buildInput } from '../generate/prompt.ts';
import type { BaseModel } from '../model/base-model.ts';
import { type Projector, writeProjector } from '../projector/projector.ts';
import type { Fingerprint } from '../train/checkpoint.ts';
import { jsonList, sha256Of } from '../train/hash-data.ts';
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
  const hashes = (name: string, files: readonly Projector[]) =>
    files.map((p, i) => [`${name} ${i + 1}`, digest([writeProjector(p)])] as const);
  const people = [...new Set(examples.map((e) => e.user))];
  // The template and the tokenizer are in what they make of the examples.
  function* tokens() {
    for (const e of examples) yield [buildInput(model, e.messages).ids, targetIds(model, e.target)];
  }
  function* peoplePieces() {
    yield* jsonList(people);
    for (const user of people) yield users.rows.get(user)!;
  }
  return {
    'model table': (await model.tableSha256()).slice(0, HEX),
    'bytes of weights': model.weightBytes,
    dtype: model.dtype,
    ...Object.fromEntries([...hashes('projector', projectors), ...hashes('constant', constants)]),
    data: digest(jsonList(examples)),
    users: digest(peoplePieces()),
    tokens: digest(jsonList(tokens())),
    ...settings,
  };
}

/** Long enough to tell two files apart, short enough for a message. */
const HEX = 12;

const digest = (pieces: Parameters<typeof sha256Of>[0]): string => sha256Of(pieces).slice(0, HEX);
