/**
 * The files that the documentation speaks of, small: the default model as `my-model`, its projector for a space `podcasts-v3`, its readers as
 * users, and a few examples of them. Users of `test.jsonl` are none of `train.jsonl`. Users of `then.jsonl` are those of `now.jsonl`, and in `users-v4.jsonl` in
 * another space.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefaultReaders } from '../../src/generate/default-model.ts';
import { createRuntime, fuseEmbeddings, loadModel } from '../../src/node.ts';
import { fingerprintOf } from '../../src/projector/model-fingerprint.ts';
import { readProjector, writeProjector } from '../../src/projector/projector.ts';
import { writeSafetensors } from '../../src/projector/safetensors.ts';
import { fitFusion, writeCatalogue, writeSpaceMap } from '../../src/train.ts';
import { root } from './blocks.ts';

const MODEL = join(root, 'public/models/e2p-tiny');
const FOLDER = 'my-model';

export const world: DefaultReaders = JSON.parse(
  readFileSync(join(root, 'public/world/readers.json'), 'utf8'),
);

const jsonLines = (values: readonly unknown[]) =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

const usersOf = (rows: readonly { readonly user: string; readonly embedding: readonly number[] }[]) => ({
  dim: rows[0]!.embedding.length,
  rows: new Map(rows.map(({ user, embedding }) => [user, Float32Array.from(embedding)])),
});

const idOf = (i: number) => String(i).padStart(32, '0');

/** Of a device in an experiment in which nothing was changed. */
const summaryOf = (i: number) => ({
  ...{ format: 'e2p-summary', version: 1, id: idOf(i), experiment: 'tone-1', share: 0.5 },
  ...{ arm: i % 2 ? 'treatment' : 'control', exposed: true, moved: false, days: 14 },
  outcomes: { opened: Math.floor(i / 2) % 5, slow: Math.floor(i / 2) % 3 === 0 ? 1 : 0 },
});

const reportOf = (i: number) => ({
  ...{ format: 'e2p-report', version: 1, id: idOf(i), question: 'e2p-drift-1', answers: 6, epsilon: 1 },
  answer: i % 3 ? 'fine' : 'alien',
});

export async function docFiles(): Promise<Map<string, Uint8Array>> {
  const files = readdirSync(MODEL, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const ofModel = files.map(({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [`${FOLDER}${path.slice(MODEL.length)}`, readFileSync(path)] as const;
  });
  const shipped = readProjector(readFileSync(join(MODEL, 'projector.safetensors')));
  // So that it is known again in the other precision.
  const fingerprint = await fingerprintOf(await loadModel({ model: MODEL, dtype: 'q4' }), createRuntime());
  const space = { ...shipped.contract.space, id: 'podcasts-v3' };
  const projector = writeProjector({ ...shipped, contract: { ...shipped.contract, space, fingerprint } });
  // u10, u11 … u41: four people of each reader.
  const users = Array.from({ length: 32 }, (_, i) => ({
    user: `u${10 + i}`,
    embedding: world.readers[i % world.readers.length]!.values,
  }));
  const data = users.map(({ user }, i) => ({
    ...{ user, prompt: world.stories[i % world.stories.length] },
    ...{ target: i % 2 ? 'A calmer drone' : 'What it costs', persona: i % 2 ? 'I fly.' : 'I save.' },
  }));
  const ids = Array.from({ length: 300 }, (_, i) => `ep-${i}`);
  // Enough of them for drift and for a map.
  const many = Array.from({ length: 60 }, (_, i) => ({
    user: `u${i}`,
    embedding: Array.from({ length: space.dim }, (__, k) => Math.sin(1.7 * i * i + 2.3 * k * i + k)),
  }));
  const fresh = many.map(({ user, embedding }) => ({ user, embedding: embedding.map((v) => 1 - 2 * v) }));
  const fusion = fitFusion('person-v1', {
    clicks: usersOf(users),
    words: usersOf(
      users.slice(0, 20).map(({ user, embedding }) => ({ user, embedding: embedding.slice(0, 8) })),
    ),
  });
  const fused = users.map(({ user, embedding }, i) => {
    const words = { space: 'words', values: embedding.slice(0, 8) };
    const known = [{ space: 'clicks', values: embedding }, ...(i < 20 ? [words] : [])];
    return { user, embedding: [...fuseEmbeddings(fusion, known).values] };
  });
  const map = writeSpaceMap({
    ...{ from: { id: 'podcasts-v4', dim: space.dim }, to: { id: space.id, dim: space.dim } },
    weight: Float32Array.from({ length: space.dim ** 2 }, (_, at) => Number(at % (space.dim + 1) === 0)),
    ...{ bias: new Float32Array(space.dim), residual: 0, anchors: 48 },
  });
  const texts: Readonly<Record<string, string>> = {
    'users.jsonl': jsonLines(users),
    'train.jsonl': jsonLines(data.slice(0, 24)),
    'test.jsonl': jsonLines(data.slice(24)),
    'summaries.jsonl': jsonLines(Array.from({ length: 400 }, (_, i) => summaryOf(i))),
    'reports.jsonl': jsonLines(Array.from({ length: 400 }, (_, i) => reportOf(i))),
    ...{ 'then.jsonl': jsonLines(many), 'now.jsonl': jsonLines(many.toReversed()) },
    ...{ 'users-v3.jsonl': jsonLines(many), 'users-v4.jsonl': jsonLines(fresh) },
    'chat.json': JSON.stringify([{ role: 'user', content: 'What shall I hear?' }]),
    'ids.txt': ids.join('\n'),
    ...{ 'fusion.json': JSON.stringify(fusion), 'fused.jsonl': jsonLines(fused) },
    'others.jsonl': jsonLines(many.map(({ user, embedding }) => ({ user: `other-${user}`, embedding }))),
    'user.json': JSON.stringify({ space: space.id, values: world.readers[0]!.values }),
  };
  const factors = { dim: 32, items: Float32Array.from({ length: 300 * 32 }, (_, i) => Math.sin(i * i + 1)) };
  const catalogue = writeCatalogue({ ...factors, ids, space: space.id, regularisation: 5, alpha: 4 });
  const tensors = new Map([['items', { shape: [300, 32], data: factors.items }]]);
  const encoder = new TextEncoder();
  return new Map<string, Uint8Array>([
    ...ofModel,
    ...['podcasts.safetensors', 'p.safetensors'].map((name) => [name, projector] as const),
    ['podcasts-items.safetensors', catalogue],
    ['items.safetensors', writeSafetensors({ tensors, metadata: {} })],
    ['v4-to-v3.safetensors', map],
    ...Object.entries(texts).map(([name, text]) => [name, encoder.encode(text)] as const),
  ]);
}
