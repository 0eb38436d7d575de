/** An attribute erased from embeddings, against the same training without: one that texts depend on, and one that they do not; attackers learn afterwards, from other people. */
import type { Attribute } from '../../src/evaluate/audit/attributes.ts';
import { audit, type Recovery } from '../../src/evaluate/audit/audit.ts';
import type { View } from '../../src/evaluate/audit/views.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { normalised, projectAtStrength } from '../../src/projector/projector.ts';
import { erase } from '../../src/train/erase-attribute.ts';
import { erasureOf } from '../../src/train/hide-attribute.ts';
import { standardisation } from '../../src/train/standardise.ts';
import { train } from '../../src/train.ts';
import { embeddingOf } from '../../tools/world/embed.ts';
import { readersOf } from '../../tools/world/world.ts';
import { type Attacked, note, SEED } from './readers.ts';
import type { ErasedFrom, TrainedToHide } from './trainer-page.ts';

const PLAN = { hidden: 128, steps: 60, batch: 32, learningRate: 1e-2 } as const;
/** Does a projector that learns for longer undo it? */
const LONGER = 180;
const VIEWS = ['embedding', 'soft-token', 'kv-cache'] as const;

/** Of everybody, those trained on too. */
function knownOf({ world, users, attributes: told }: Attacked) {
  const known = new Map<string, ReadonlyMap<string, string>>([
    ['tone', new Map(world.readers.map(({ id, tone }) => [id, tone]))],
    [
      'topic',
      new Map(
        world.readers.map(({ id, topics }) => [
          id,
          Object.entries(topics).reduce((most, each) => (each[1] > most[1] ? each : most))[0],
        ]),
      ),
    ],
  ]);
  const attributes: Attribute[] = [
    ...told.filter(({ name }) => name === 'top angle'),
    ...[...known].map(([name, answers]) => ({ name, kind: 'class' as const, answers })),
  ].map(({ answers, ...each }) => ({
    ...each,
    answers: new Map([...answers].filter(([id]) => users.rows.has(id))),
  }));
  return { known, attributes };
}

/** Of one attribute and view, by the better attacker and by each. */
function bestOf(recoveries: readonly Recovery[], attribute: string, view: View) {
  const found = recoveries.filter((r) => r.attribute === attribute && r.view === view);
  const [most] = found.toSorted((a, b) => b.recovered.mean - a.recovered.mean);
  const by = Object.fromEntries(found.map(({ attacker, recovered }) => [attacker, recovered.mean]));
  return { level: most!.recovered, population: most!.population, by };
}

const FITTED = [0, 50, 100, 200, 400, 800, 1600];

/** The map alone, without a training: fitted on few or many. */
export async function erasedFrom(attacked: Attacked): Promise<ErasedFrom[]> {
  const { model, runtime, projector, users, allUsers, world } = attacked;
  const { known, attributes } = knownOf(attacked);
  const { dim } = users;
  const rowOf = ({ id }: { readonly id: string }) => allUsers.rows.get(id)!;
  const { mean, scale } = standardisation(readersOf(world, 'pretrain').map(rowOf), dim);
  const standardise = (row: Float32Array) => row.map((v, i) => (v - mean[i]!) / scale[i]!);
  const normed = (row: Float32Array) => normalised(Float64Array.from(standardise(row)));
  const found: ErasedFrom[] = [];
  for (const [attribute, answers] of known) {
    for (const people of FITTED) {
      note(`${attribute} erased by a fit on ${people}`);
      const fitted = readersOf(world, 'train').slice(0, people);
      const trained = fitted.map(({ id }) => id);
      const their = { dim, rows: new Map(fitted.map((reader) => [reader.id, rowOf(reader)])) };
      const of = { users: their, trained, heldOut: [], standardise, gated: false };
      const erasure = people === 0 ? undefined : erasureOf({ name: attribute, answers }, of);
      const { recoveries } = await audit({
        ...{ model, runtime, projector, users, seed: SEED, views: ['embedding'], prompts: [], maxTokens: 1 },
        attributes: attributes.filter(({ name }) => name === attribute),
        protect: (row) => (erasure ? erase(normed(row), erasure) : Float32Array.from(normed(row))),
      });
      const classes = new Set(answers.values()).size;
      found.push({ attribute, classes, people, recovered: bestOf(recoveries, attribute, 'embedding') });
    }
  }
  return found;
}

export async function* trainedToHide(
  attacked: Attacked,
  past: readonly TrainedToHide[],
): AsyncGenerator<readonly TrainedToHide[]> {
  const { model, runtime, users, allUsers, world, embeddings, examplesOf, test, prompts } = attacked;
  const { known, attributes } = knownOf(attacked);
  const reference = {
    dim: users.dim,
    rows: new Map(readersOf(world, 'pretrain').map(({ id, index }) => [id, embeddingOf(embeddings, index)])),
  };
  const teachers = readersOf(world, 'train');
  const examples = examplesOf('train', 2, 0, teachers.length);
  const trainedOnly = (answers: ReadonlyMap<string, string>) =>
    new Map(teachers.map(({ id }) => [id, answers.get(id)!]));
  const people = examples.length / 2;
  const ways = [
    { steps: PLAN.steps, hides: undefined },
    ...[...known.keys()].map((attribute) => ({ steps: PLAN.steps, hides: { attribute } })),
    { steps: LONGER, hides: { attribute: 'tone' } },
  ];
  const found = [...past];
  for (const { steps, hides } of ways) {
    note(`${hides ? `${hides.attribute} erased` : 'nothing hidden'}, ${steps} steps`);
    const { projector } = await train({
      ...{ model, runtime, users: allUsers, examples, space: 'readers', slot: 'after-bos', heldOut: 0 },
      ...{ reference, seed: SEED, ...PLAN, steps },
      // Fitted on nobody who is attacked.
      ...(hides && { hide: { name: hides.attribute, answers: trainedOnly(known.get(hides.attribute)!) } }),
    });
    const common = { model, runtime, seed: SEED };
    const { conditions } = await evaluate({
      ...{ ...common, projectors: [projector], users: allUsers, examples: test.slice(0, 200) },
      ...{ conditions: ['shuffled', 'true'], ranked: 0, generated: 0 },
    });
    const { recoveries } = await audit({
      ...{ ...common, projector, users, attributes, views: VIEWS },
      ...{ prompts: prompts.slice(0, 1), maxTokens: 1 },
    });
    const softOf = (values: Float32Array) =>
      projectAtStrength(projector, values, 1, model.facts.embedding.scale)[0]!;
    const best = (attribute: string, view: View) => bestOf(recoveries, attribute, view);
    found.push({
      ...{ people, steps, batch: PLAN.batch, ...(hides && { hides }), isByAttribute: true },
      personalisation: conditions.shuffled!.minusTrue!,
      recovered: Object.fromEntries(
        attributes.map(({ name }) => [
          name,
          {
            embedding: best(name, 'embedding'),
            ...{ softToken: best(name, 'soft-token'), kvCache: best(name, 'kv-cache') },
          },
        ]),
      ),
      between: Object.fromEntries(
        attributes.map(({ name, answers }) => {
          const known = [...answers].map(([id, answer]) => ({ answer, row: softOf(users.rows.get(id)!) }));
          return [name, betweenClasses(known)];
        }),
      ),
    });
    yield found;
  }
}

/** Share of the variance that lies between classes rather than within them (η²). */
function betweenClasses(known: readonly { readonly answer: unknown; readonly row: Float32Array }[]): number {
  const meanOf = (rows: readonly Float32Array[]) =>
    rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
  const apart = (a: Float32Array, b: Float32Array) => a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0);
  const all = meanOf(known.map(({ row }) => row));
  const total = known.reduce((sum, { row }) => sum + apart(row, all), 0);
  const classes = [...new Set(known.map(({ answer }) => answer))].map((name) =>
    known.filter(({ answer }) => answer === name).map(({ row }) => row),
  );
  return classes.reduce((sum, rows) => sum + rows.length * apart(meanOf(rows), all), 0) / total;
}
