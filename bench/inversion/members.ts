/**
 * Who was trained on, with DP-SGD and without: pairs of trainings that differ in clipping and noise alone, on many people and on few who are remembered, then
 * asked by the audit's attack whom they were trained on. Others are people alike who read the same stories.
 */
import { membership } from '../../src/evaluate/audit/membership.ts';
import { evaluate } from '../../src/evaluate/index.ts';
import { type Example, type TrainOptions, train } from '../../src/train.ts';
import { seededRandom } from '../../tools/world/random.ts';
import type { Reader } from '../../tools/world/reader.ts';
import type { Split } from '../../tools/world/story.ts';
import { exampleFor, TASKS } from '../../tools/world/world.ts';
import { morePeople } from './people.ts';
import { type Attacked, note, SEED } from './readers.ts';
import type { TrainedOnPeople } from './trainer-page.ts';

/** People, others who are not trained on, and those whose texts tell what personalisation there is. */
const [MANY, FEW, OTHERS, TRIED] = [6400, 50, 400, 300];
const CLIP = 0.1;

interface Way {
  readonly people: number;
  /** Texts of each. */
  readonly texts: number;
  /** Of a step. */
  readonly perStep: number;
  readonly delta: number;
  readonly options: Partial<TrainOptions> & { readonly hidden: number; readonly steps: number };
}

const many: Way = {
  ...{ people: MANY, texts: 1, perStep: 128, delta: 1e-5 },
  options: { hidden: 0, steps: 40, learningRate: 0.02 },
};
/** Many times each, wide, without dropout and noise of the embedding: a projector that remembers. */
const few: Way = {
  ...{ people: FEW, texts: 2, perStep: 8, delta: 1e-3 },
  options: { hidden: 128, steps: 120, learningRate: 5e-3, prefixDropout: 0, noise: 0 },
};
const WAYS: readonly (Way & { readonly epsilon?: number })[] = [
  many,
  { ...many, epsilon: 8 },
  few,
  { ...few, epsilon: 8 },
  ...[2, 64].map((epsilon) => ({ ...many, epsilon })),
];

export async function* trainedOnPeople(attacked: Attacked): AsyncGenerator<readonly TrainedOnPeople[]> {
  const { model, runtime, world } = attacked;
  const { people: all, users, reference, test } = morePeople(attacked, MANY + OTHERS);
  const textsOf = (readers: readonly Reader[], split: Split, each: number): Example[] => {
    const random = seededRandom(world.seed, `inversion-${split}-${readers.length}`);
    return readers.flatMap((reader, r) =>
      TASKS.slice(0, each).map((task, t) => {
        const { prompt, target } = exampleFor(reader, split, task, random);
        const messages = [{ role: 'user' as const, content: prompt }];
        return { user: reader.id, messages, target, persona: undefined, line: r * each + t + 1 };
      }),
    );
  };
  const tried = textsOf(test.slice(0, TRIED), 'test', 1);
  const found: TrainedOnPeople[] = [];
  for (const { people, texts, perStep, delta, options, epsilon } of WAYS) {
    note(`${people} people, ε ${epsilon ?? 'none'}`);
    const members = textsOf(all.slice(0, people), 'train', texts);
    const { projector } = await train({
      ...{ model, runtime, users, examples: members, space: 'readers', slot: 'after-bos' },
      ...{ heldOut: 0, reference, seed: SEED, ...options },
      ...(epsilon === undefined
        ? { batch: perStep * texts }
        : { batch: 32, privacy: { epsilon, delta, people: perStep, clip: CLIP } }),
    });
    const common = { model, runtime, users, seed: SEED };
    const { conditions } = await evaluate({
      ...{ ...common, projectors: [projector], examples: tried, conditions: ['shuffled', 'true'] },
      ...{ ranked: 0, generated: 0 },
    });
    found.push({
      ...{ people, texts, perStep, steps: options.steps, hidden: options.hidden },
      ...(epsilon !== undefined && {
        ...{ epsilon, delta, clip: CLIP },
        noise: (projector.contract.training as Record<string, number>).dpNoise!,
      }),
      personalisation: conditions.shuffled!.minusTrue!,
      membership: await membership({
        ...{ ...common, projector, members: members.slice(0, OTHERS * texts) },
        others: textsOf(all.slice(-OTHERS), 'train', texts),
      }),
    });
    yield found;
  }
}
