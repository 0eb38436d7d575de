/** An attribute hidden by an adversary, against the same training without: one that texts depend on, and one that they do not; attackers learn afterwards, from other people. */
import type { Attribute } from '../../src/evaluate/audit/attributes.ts';
import { audit } from '../../src/evaluate/audit/audit.ts';
import type { View } from '../../src/evaluate/audit/views.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { projectAtStrength } from '../../src/projector/projector.ts';
import { train } from '../../src/train.ts';
import { embeddingOf } from '../../tools/world/embed.ts';
import { readersOf } from '../../tools/world/world.ts';
import { type Attacked, note, SEED } from './readers.ts';
import type { TrainedToHide } from './trainer-page.ts';

const PLAN = { hidden: 128, steps: 60, batch: 32, learningRate: 1e-2 } as const;
const VIEWS = ['soft-token', 'kv-cache'] as const;
const WEIGHTS = [0.03, 0.3, 0.1, 1];

export async function* trainedToHide(attacked: Attacked): AsyncGenerator<readonly TrainedToHide[]> {
  const { model, runtime, users, allUsers, world, embeddings, examplesOf, test, prompts } = attacked;
  /** Of everybody, those trained on too. */
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
    ...attacked.attributes.filter(({ name }) => name === 'top angle'),
    ...[...known].map(([name, answers]) => ({ name, kind: 'class' as const, answers })),
  ].map(({ answers, ...each }) => ({
    ...each,
    answers: new Map([...answers].filter(([id]) => users.rows.has(id))),
  }));
  const reference = {
    dim: users.dim,
    rows: new Map(readersOf(world, 'pretrain').map(({ id, index }) => [id, embeddingOf(embeddings, index)])),
  };
  const examples = examplesOf('train', 2, 0, readersOf(world, 'train').length);
  const people = examples.length / 2;
  const ways = [
    undefined,
    ...WEIGHTS.flatMap((weight) => [...known.keys()].map((attribute) => ({ attribute, weight }))),
  ];
  const found: TrainedToHide[] = [];
  for (const hides of ways) {
    note(hides ? `${hides.attribute} hidden, weight ${hides.weight}` : 'nothing hidden');
    const { projector } = await train({
      ...{ model, runtime, users: allUsers, examples, space: 'readers', slot: 'after-bos', heldOut: 0 },
      ...{ reference, seed: SEED, ...PLAN },
      ...(hides && {
        hide: { name: hides.attribute, answers: known.get(hides.attribute)!, weight: hides.weight },
      }),
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
    const best = (attribute: string, view: View) => {
      const [most] = recoveries
        .filter((r) => r.attribute === attribute && r.view === view)
        .sort((a, b) => b.recovered.mean - a.recovered.mean);
      return { level: most!.recovered, population: most!.population };
    };
    found.push({
      ...{ people, steps: PLAN.steps, batch: PLAN.batch, ...(hides && { hides }) },
      personalisation: conditions.shuffled!.minusTrue!,
      recovered: Object.fromEntries(
        attributes.map(({ name }) => [
          name,
          { softToken: best(name, 'soft-token'), kvCache: best(name, 'kv-cache') },
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
