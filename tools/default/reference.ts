/**
 * Adds to the default projector's file how people lie in its space, without training it anew. They are readers of the same world whom nothing
 * was fitted on, folded in as on a device: the training readers were factorised together with the items, and lie farther out than those.
 * `npx tsx tools/default/reference.ts` writes the file and its manifest; all other tensors, and the contract, stay as they are.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { command as manifest } from '../../src/cli/manifest.ts';
import { foldIn } from '../../src/node.ts';
import { referenceOf } from '../../src/train/reference-of-users.ts';
import { readProjector, writeProjector } from '../../src/train.ts';
import { drawClicks } from '../world/clicks.ts';
import { ALS_WEIGHTS, type ReaderEmbeddings } from '../world/embed.ts';
import { seededRandom } from '../world/random.ts';
import { drawReader } from '../world/reader.ts';
import type { World } from '../world/world.ts';
import { makeWorld } from './default-setup.ts';

const READERS = 2000;

/** @param mean of the projector's training users */
export function referenceOfReaders(
  { seed, catalogue }: World,
  { items, gram, dim }: ReaderEmbeddings,
  mean: readonly number[],
) {
  const random = seededRandom(seed, 'reference');
  const users = Array.from({ length: READERS }, (_, index) => {
    const clicks = drawClicks(drawReader(index, 'validation', random), catalogue, [60, 250], random);
    return [foldIn({ ...ALS_WEIGHTS, items, gram, dim, clicks })];
  });
  return referenceOf({ users, mean, isOwnMean: false });
}

async function main(folder: string): Promise<void> {
  const file = join(folder, 'projector.safetensors');
  const { world, embeddings } = makeWorld(false);
  const projector = readProjector(readFileSync(file), file);
  const reference = referenceOfReaders(world, embeddings, projector.contract.space.mean)!;
  writeFileSync(file, writeProjector({ ...projector, reference }));
  await manifest.run([folder]);
}

if (process.argv[1]?.endsWith('default/reference.ts')) {
  const { values } = parseArgs({
    options: { model: { type: 'string', default: 'public/models/e2p-tiny' } },
  });
  await main(values.model);
}
