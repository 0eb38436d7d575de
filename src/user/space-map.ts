/**
 * From one embedding space into another, by a matrix that `e2p align` has made: people whose vectors come from a new factorisation or
 * encoder keep the projector that reads the old one. A file of a few kilobytes: tensors `weight` [to, from] and `bias` [to], and what it is
 * for in the metadata entry `e2p-map`.
 */
import * as v from 'valibot';
import { E2PError } from '../error.ts';
import { LIMITS } from '../projector/contract.ts';
import { readSafetensors, writeSafetensors } from '../projector/safetensors.ts';
import { checkJson, object, whole } from '../storage/check-json.ts';
import { checkEmbedding, type EmbeddingInput, type UserEmbedding } from './user-embedding.ts';

/** Name and size of a space. */
export interface MappedSpace {
  /** Name with version. */
  readonly id: string;
  /** Numbers of a vector. */
  readonly dim: number;
}

/** to = weight · from + bias */
export interface SpaceMap {
  /** The space of the vectors that an app has now. */
  readonly from: MappedSpace;
  /** The one that the projector reads. */
  readonly to: MappedSpace;
  /** [to, from] */
  readonly weight: Float32Array;
  /** [to] */
  readonly bias: Float32Array;
  /**
   * Of anchors that the map was not fitted on, the share of variance that it misses: 0 = exact, 1 = no better than the mean user for
   * everybody.
   */
  readonly residual: number;
  /** Anchors that it was fitted on. */
  readonly anchors: number;
}

const ENTRY = 'e2p-map';
const text = v.pipe(v.string('text'), v.minLength(1, 'text'));
const space = object({ id: text, dim: whole(1, LIMITS.dim) });
const SCHEMA = object({
  version: v.literal(1, '1; a newer e2p-web may read it'),
  from: space,
  to: space,
  residual: v.pipe(v.number('a number'), v.minValue(0, 'a number from 0')),
  anchors: whole(1, 2 ** 31),
});

/**
 * A file that `e2p align` wrote.
 * @throws E2PError `invalid-data` naming the file and what is wrong
 */
export function readSpaceMap(bytes: Uint8Array, fileName = 'map.safetensors'): SpaceMap {
  const refuse = (why: string, cause?: unknown): never => {
    throw new E2PError('invalid-data', `${fileName}: ${why}`, { cause });
  };
  const { tensors, metadata } = safetensorsOf(bytes, fileName);
  let root: unknown;
  try {
    root = JSON.parse(metadata[ENTRY] ?? refuse(`the metadata entry ${ENTRY} is missing`));
  } catch (cause) {
    if (cause instanceof E2PError) throw cause;
    refuse(`the metadata entry ${ENTRY} is not JSON`, cause);
  }
  const { version, ...facts } = checkJson(SCHEMA, root, {
    ...{ code: 'invalid-data', file: fileName, what: 'map' },
  });
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const tensor = tensors.get(name);
    if (tensor?.shape.join() === shape.join()) return tensor.data;
    const found = tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`;
    return refuse(`tensor ${name} is ${found}, expected [${shape.join(', ')}]`);
  };
  const { from, to } = facts;
  return { ...facts, weight: take('weight', [to.dim, from.dim]), bias: take('bias', [to.dim]) };
}

/** As everywhere, but of a file that is no projector. */
function safetensorsOf(bytes: Uint8Array, fileName: string) {
  try {
    return readSafetensors(bytes, fileName);
  } catch (cause) {
    throw new E2PError('invalid-data', (cause as Error).message, { cause });
  }
}

/** What {@link readSpaceMap} reads. */
export function writeSpaceMap({ from, to, weight, bias, residual, anchors }: SpaceMap): Uint8Array {
  return writeSafetensors({
    tensors: new Map([
      ['weight', { shape: [to.dim, from.dim], data: weight }],
      ['bias', { shape: [to.dim], data: bias }],
    ]),
    metadata: { [ENTRY]: JSON.stringify({ version: 1, from, to, residual, anchors }) },
  });
}

/**
 * The embedding in the space that the projector reads, for `personalizer.user.set`; of a set each vector.
 * @throws E2PError `invalid-embedding` for another space than the map is for, a wrong length, or a number that is not finite, mapped or not
 */
export function mapEmbedding(map: SpaceMap, embedding: EmbeddingInput): UserEmbedding {
  const { from, to, weight, bias } = map;
  const { values } = checkEmbedding(embedding, { ...from, vectors: LIMITS.vectors });
  const mapped = new Float32Array((values.length / from.dim) * to.dim);
  for (let n = 0; n * from.dim < values.length; n++) {
    for (let row = 0; row < to.dim; row++) {
      let sum = bias[row]!;
      for (let i = 0; i < from.dim; i++) sum += weight[row * from.dim + i]! * values[n * from.dim + i]!;
      mapped[n * to.dim + row] = sum;
    }
  }
  values.fill(0);
  return checkEmbedding({ space: to.id, values: mapped }, { ...to, vectors: LIMITS.vectors });
}
