/**
 * What can be told of people from their embedding, soft token, KV cache and texts, and what protection costs in personalisation.
 * `npm run bench inversion` writes docs/results/inversion.json and .md: readers of the default model; `-- --llm` instead adds people in their
 * own words with a real LLM and a sentence encoder.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Attribute } from '../src/evaluate/audit/attributes.ts';
import { audit } from '../src/evaluate/audit/audit.ts';
import { invert } from '../src/evaluate/audit/invert.ts';
import { membership } from '../src/evaluate/audit/membership.ts';
import { VIEWS, type View, viewsOf } from '../src/evaluate/audit/views.ts';
import { evaluate } from '../src/evaluate/index.ts';
import { blur, createRuntime, epsilonOf, loadModel, loadSentenceEncoder } from '../src/node.ts';
import { type Projector, readProjector, withAnchorRows } from '../src/projector/projector.ts';
import type { Example, Users } from '../src/train.ts';
import { makeWorld } from '../tools/default/default-setup.ts';
import { TRAIN_LINES } from '../tools/smollm2/data/train-lines.ts';
import { embeddingOf } from '../tools/world/embed.ts';
import { seededRandom } from '../tools/world/random.ts';
import { rankedAngles, topAngle } from '../tools/world/reader.ts';
import type { Split } from '../tools/world/story.ts';
import { exampleFor, readersOf, TASKS } from '../tools/world/world.ts';
import { type InversionResults, inversionPage, type Protected } from './inversion-results.ts';

const FILE = 'docs/results/inversion';
const MODEL = 'public/models/e2p-tiny';
const LLM = '../shared/models/smollm2-135m-instruct';
const ENCODER = '../shared/models/all-minilm-l6-v2';
const LLM_PROJECTOR = 'public/projectors/smollm2-135m-instruct.safetensors';
/** Of the readers; items that fewer clicked tell too little. */
const READERS = 600;
const ITEMS = 100;
const DELTA = 1e-5;
const SIGMAS = [0.25, 0.5, 1, 2, 4];
const COMPONENTS = [16, 8, 4];
const SEED = 1;

export async function benchInversion(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { llm: { type: 'boolean', default: false }, page: { type: 'boolean', default: false } },
  });
  const known: Partial<InversionResults> = existsSync(`${FILE}.json`)
    ? JSON.parse(readFileSync(`${FILE}.json`, 'utf8'))
    : {};
  const made = async () => (values.llm ? { llm: await auditLlm() } : auditDefault());
  // `--page` makes the page of what is there.
  const results = { ...known, ...(values.page ? {} : await made()) } as InversionResults;
  writeFileSync(`${FILE}.json`, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(`${FILE}.md`, inversionPage(results));
  console.log(inversionPage(results));
}

async function auditDefault(): Promise<Omit<InversionResults, 'llm'>> {
  const runtime = createRuntime();
  const model = await loadModel({ model: MODEL, dtype: 'q4' });
  const projector = readProjector(readFileSync(join(MODEL, 'projector.safetensors')));
  const { world, embeddings } = makeWorld(false);
  const readers = [
    ...readersOf(world, 'test'),
    ...readersOf(world, 'validation'),
    ...readersOf(world, 'train'),
  ].slice(0, READERS);
  const users: Users = {
    dim: embeddings.dim,
    rows: new Map(readers.map((reader) => [reader.id, embeddingOf(embeddings, reader.index)])),
  };
  const answers = <T>(of: (index: number) => T) => new Map(readers.map((reader, i) => [reader.id, of(i)]));
  const clicks = new Map<number, number>();
  for (const { index } of readers)
    for (const item of new Set(world.clicks[index])) clicks.set(item, (clicks.get(item) ?? 0) + 1);
  const frequent = new Set(
    [...clicks]
      .sort((a, b) => b[1] - a[1])
      .slice(0, ITEMS)
      .map(([item]) => item),
  );
  const attributes: Attribute[] = [
    { name: 'top angle', kind: 'class', answers: answers((i) => topAngle(readers[i]!)) },
    { name: 'second angle', kind: 'class', answers: answers((i) => rankedAngles(readers[i]!)[1]!) },
    { name: 'tone', kind: 'class', answers: answers((i) => readers[i]!.tone) },
    {
      ...{ name: 'clicked items', kind: 'set' },
      answers: answers(
        (i) => new Set(world.clicks[readers[i]!.index]!.filter((item) => frequent.has(item)).map(String)),
      ),
    },
  ];
  const examplesOf = (split: Split, each: number): Example[] => {
    const random = seededRandom(world.seed, `inversion-${split}`);
    return readersOf(world, split)
      .slice(0, 200)
      .flatMap((reader, r) =>
        TASKS.slice(0, each).map((task, t) => {
          const { prompt, target } = exampleFor(reader, split, task, random);
          return {
            user: reader.id,
            messages: [{ role: 'user' as const, content: prompt }],
            target,
            persona: undefined,
            line: r * each + t + 1,
          };
        }),
      );
  };
  const allUsers: Users = {
    dim: embeddings.dim,
    rows: new Map(world.readers.map((reader) => [reader.id, embeddingOf(embeddings, reader.index)])),
  };
  const test = examplesOf('test', 3);
  const common = { model, runtime, projector, users, attributes, seed: SEED };
  const prompts = test.slice(0, 2).map((e) => e.messages);
  note('views of the default model');
  const found = await audit({ ...common, views: VIEWS, prompts, maxTokens: 24 });
  const sentences = test.map(({ user, target: text }) => ({ user, text }));
  const ids = [...new Set(test.map((e) => e.user))];
  const inversions: Partial<Record<View, Awaited<ReturnType<typeof invert>>>> = {};
  for (const view of ['embedding', 'soft-token'] as const) {
    note(`inverting ${view}`);
    const embedded = ids.map((id) => allUsers.rows.get(id)!);
    const rows = (
      await viewsOf({ ...common, embeddings: embedded, views: [view], prompts, maxTokens: 1 })
    ).get(view)!;
    inversions[view] = await invert({
      ...{ model, runtime, sentences, steps: 300, seed: SEED },
      users: { dim: rows[0]!.length, rows: new Map(ids.map((id, i) => [id, rows[i]!])) },
      isSeen: (user) => ids.indexOf(user) < 0.7 * ids.length,
    });
  }
  note('membership');
  const members = await membership({
    ...{ model, runtime, projector, users: allUsers, seed: SEED },
    ...{ members: examplesOf('train', 3), others: test },
  });
  const clip = Math.sqrt(users.dim) * 1.5;
  const curve: Protected[] = [];
  for (const way of waysOf(projector, users, clip)) {
    note(way.name);
    const { recoveries } = await audit({
      ...common,
      views: ['embedding'],
      prompts: [],
      maxTokens: 1,
      protect: way.protect,
    });
    const best = (attribute: string) =>
      recoveries
        .filter((r) => r.attribute === attribute)
        .sort((a, b) => b.recovered.mean - a.recovered.mean)[0]!.recovered;
    const report = await evaluate({
      ...{
        model,
        runtime,
        projectors: [projector],
        examples: test,
        conditions: ['shuffled', 'true'],
        seed: SEED,
      },
      users: {
        dim: users.dim,
        rows: new Map([...allUsers.rows].map(([id, values]) => [id, way.protect(values)])),
      },
      ...{ ranked: 0, generated: 0 },
    });
    const { protect, ...named } = way;
    curve.push({
      ...named,
      recovered: { topAngle: best('top angle'), items: best('clicked items') },
      personalisation: report.conditions.shuffled!.minusTrue!,
    });
  }
  return { whole: { ...found, inversions, membership: members }, clip, curve };
}

interface Way extends Omit<Protected, 'recovered' | 'personalisation'> {
  readonly protect: (values: Float32Array) => Float32Array;
}

function waysOf({ contract: { space } }: Projector, users: Users, clip: number): Way[] {
  const random = seededRandom(SEED, 'noise').next;
  const standard = [...users.rows.values()].map((row) =>
    [...row].map((v, i) => (v - space.mean[i]!) / space.scale[i]!),
  );
  const rows = new Matrix(standard);
  const { eigenvectorMatrix } = new EigenvalueDecomposition(rows.transpose().mmul(rows), {
    assumeSymmetric: true,
  });
  // Eigenvalues rise.
  const leading = (count: number) =>
    eigenvectorMatrix.subMatrix(0, users.dim - 1, users.dim - count, users.dim - 1);
  return [
    { name: 'as it is', protect: (values) => values },
    ...COMPONENTS.map((components): Way => {
      const basis = leading(components);
      const projection = basis.mmul(basis.transpose());
      return {
        ...{ name: `${components} of ${users.dim} components`, components },
        protect: (values) => {
          const deviation = Matrix.columnVector(
            [...values].map((v, i) => (v - space.mean[i]!) / space.scale[i]!),
          );
          const kept = projection.mmul(deviation).to1DArray();
          return values.map((_, i) => space.mean[i]! + space.scale[i]! * kept[i]!);
        },
      };
    }),
    ...SIGMAS.map(
      (sigma): Way => ({
        ...{ name: `noise of ${sigma}`, sigma, epsilon: epsilonOf({ clip, sigma }, DELTA) },
        protect: (values) => blur(values, space, { clip, sigma }, random),
      }),
    ),
  ];
}

/** People who say one line: what of it can be told from its vector, and from what the LLM reads of it. */
async function auditLlm(): Promise<InversionResults['llm']> {
  const runtime = createRuntime();
  const model = await loadModel({ model: LLM, dtype: 'q4' });
  const projector = await withAnchorRows(readProjector(readFileSync(LLM_PROJECTOR)), model, runtime);
  const random = seededRandom(SEED, 'lines');
  const lines = random.shuffled(TRAIN_LINES).slice(0, 700);
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  note('encoding');
  const rows = new Map<string, Float32Array>();
  for (const [i, { line }] of lines.entries()) rows.set(`p${i}`, await encoder.encode([line]));
  await encoder.release();
  const users: Users = { dim: projector.contract.space.dim, rows };
  // What most interests of an area have in common is the list that they stand in.
  const attributes: Attribute[] = [
    {
      name: 'a word of the line',
      kind: 'set',
      answers: new Map(lines.map(({ line }, i) => [`p${i}`, new Set(contentWords(line))])),
    },
  ];
  const common = { model, runtime, projector, users, attributes, seed: SEED };
  const prompts = [[{ role: 'user' as const, content: 'Give me an idea for the weekend.' }]];
  note('views of the LLM');
  const found = await audit({ ...common, views: VIEWS, prompts, maxTokens: 24 });
  return found;
}

const contentWords = (line: string): string[] => line.toLowerCase().match(/\p{L}{5,}/gu) ?? [];

const note = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
