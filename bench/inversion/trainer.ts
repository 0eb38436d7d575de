/**
 * What the trainer's protections leave and cost: projectors trained with them and without, on the same readers, then attacked by `e2p audit`'s attackers with
 * other readers, and asked whom they were trained on.
 */
import { audit } from '../../src/evaluate/audit/audit.ts';
import { membership } from '../../src/evaluate/audit/membership.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { type TrainOptions, train } from '../../src/train.ts';
import { embeddingOf } from '../../tools/world/embed.ts';
import { readersOf } from '../../tools/world/world.ts';
import type { Trained } from '../inversion-results.ts';
import { type Attacked, note, SEED } from './readers.ts';

/** People of the training readers from the other end than those whom the attackers look at. */
const [MANY, FEW] = [1600, 50];
const VIEWS = ['soft-token', 'kv-cache'] as const;

interface Way {
  readonly name: string;
  readonly people: number;
  readonly options: Partial<TrainOptions>;
}

/** Few people, many times each, without dropout and noise: a projector that remembers. */
const overfitted = { hidden: 128, steps: 120, batch: 16, learningRate: 5e-3, prefixDropout: 0, noise: 0 };
const plain = { hidden: 128, steps: 60, learningRate: 4e-3 };
const linear = { hidden: 0, steps: 40, learningRate: 5e-3 };
const privately = (epsilon: number, people: number, delta: number) => ({
  privacy: { epsilon, delta, people, clip: 0.1 },
});

/** `hidden`: with an adversary and without; `members`: with noise and without. */
export async function* trainedWays(
  attacked: Attacked,
  kind: 'hidden' | 'members',
): AsyncGenerator<readonly Trained[]> {
  const { model, runtime, users, allUsers, world, embeddings, examplesOf, test, prompts, attributes } =
    attacked;
  const tone = attributes.find(({ name }) => name === 'tone')!;
  const toneOf = new Map(world.readers.map(({ id, tone }) => [id, tone]));
  const hide = (weight: number) => ({ hide: { name: tone.name, answers: toneOf, weight } });
  const ways: readonly Way[] =
    kind === 'hidden'
      ? [
          { name: 'none', people: MANY, options: plain },
          { name: 'tone hidden, weight 3', people: MANY, options: { ...plain, ...hide(3) } },
        ]
      : [
          { name: 'none, trained to remember', people: FEW, options: overfitted },
          { name: 'DP-SGD', people: FEW, options: { ...linear, ...privately(8, 12, 1e-3) } },
          { name: 'none, linear', people: MANY, options: linear },
          ...[8, 64, 2].map((epsilon) => ({
            ...{ name: 'DP-SGD', people: MANY, options: { ...linear, ...privately(epsilon, 32, 1e-4) } },
          })),
        ];
  const reference = {
    dim: users.dim,
    rows: new Map(readersOf(world, 'pretrain').map(({ id, index }) => [id, embeddingOf(embeddings, index)])),
  };
  // Of a hundred readers.
  const texts = test.slice(0, 300);
  const found: Trained[] = [];
  for (const { name, people, options } of ways) {
    note(`${name}, ${people} people`);
    const last = readersOf(world, 'train').length;
    const members = examplesOf('train', 2, last - people, last);
    const { projector } = await train({
      ...{ model, runtime, users: allUsers, examples: members, space: 'readers', slot: 'after-bos' },
      ...{ batch: 32, heldOut: 0, reference, seed: SEED, ...options },
    });
    const common = { model, runtime, projector, seed: SEED };
    const { conditions } = await evaluate({
      ...{ model, runtime, projectors: [projector], users: allUsers, examples: texts, seed: SEED },
      ...{ conditions: ['shuffled', 'true'], ranked: 0, generated: 0 },
    });
    const told =
      kind === 'hidden'
        ? await audit({
            ...common,
            users,
            attributes,
            views: VIEWS,
            prompts: prompts.slice(0, 1),
            maxTokens: 1,
          })
        : undefined;
    const best = (attribute: string, view: string) =>
      (told?.recoveries ?? [])
        .filter((r) => r.attribute === attribute && r.view === view)
        .sort((a, b) => b.recovered.mean - a.recovered.mean)[0]!.recovered;
    const byView = (attribute: string) => ({
      softToken: best(attribute, 'soft-token'),
      kvCache: best(attribute, 'kv-cache'),
    });
    const recovered = told && { tone: byView('tone'), topAngle: byView('top angle') };
    const { dpEpsilon, dpDelta, dpNoise, steps } = projector.contract.training as Record<string, number>;
    found.push({
      ...{ name, people, steps: steps! },
      ...(dpEpsilon !== undefined && { epsilon: dpEpsilon, delta: dpDelta!, noise: dpNoise! }),
      personalisation: conditions.shuffled!.minusTrue!,
      ...(recovered && { recovered }),
      ...(kind === 'members' && {
        membership: (
          await membership({ ...common, users: allUsers, members: members.slice(0, 200), others: texts })
        ).auc,
      }),
    });
    yield found;
  }
}
