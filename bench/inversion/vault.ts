/** What is recovered from embeddings that a vault has protected, and what personalisation they leave: the shipped projector, attackers who learn from protected ones. */
import { audit, type Recovery } from '../../src/evaluate/audit/audit.ts';
import { evaluate, type Interval } from '../../src/evaluate/index.ts';
import { epsilonOf } from '../../src/node.ts';
import { protect } from '../../src/user/gaussian-mechanism.ts';
import { seededRandom } from '../../tools/world/random.ts';
import type { Protected } from '../inversion-results.ts';
import { type Attacked, note, SEED } from './readers.ts';

export const DELTA = 1e-5;
/** Longest deviations, of √directions: so far most people lie. */
export const CLIP = 1.5;
const WAYS: readonly Pick<Protected, 'clip' | 'sigma' | 'components'>[] = [
  {},
  { clip: 1 },
  ...[16, 8, 4].map((components) => ({ components })),
  ...[0.25, 0.5, 1, 2, 4].map((sigma) => ({ clip: CLIP, sigma })),
  ...[1, 2].map((sigma) => ({ clip: CLIP, sigma, components: 8 })),
];

/** By the better one of the attackers. */
export const bestOf = (recoveries: readonly Recovery[], attribute: string): Interval =>
  recoveries
    .filter((r) => r.attribute === attribute)
    .reduce((most, r) => (r.recovered.mean > most.recovered.mean ? r : most)).recovered;

export async function protectedUsers(attacked: Attacked): Promise<Protected[]> {
  // Texts of a hundred readers.
  const { model, runtime, projector, users, allUsers, test, attributes } = attacked;
  const { space } = projector.contract;
  const population = { ...space, reference: projector.reference };
  const random = seededRandom(SEED, 'noise').next;
  const curve: Protected[] = [];
  for (const { clip: factor, ...way } of WAYS) {
    const clip = factor === undefined ? undefined : factor * Math.sqrt(way.components ?? space.dim);
    const rule = { ...way, ...(clip !== undefined && { clip }) };
    note(JSON.stringify(rule));
    const done = (values: Float32Array) => protect(values, population, rule, random);
    const { recoveries } = await audit({
      ...{ model, runtime, projector, users, attributes, seed: SEED, protect: done },
      ...{ views: ['embedding'], prompts: [], maxTokens: 1 },
    });
    const report = await evaluate({
      ...{
        model,
        runtime,
        projectors: [projector],
        examples: test.slice(0, 300),
        conditions: ['shuffled', 'true'],
      },
      users: {
        dim: users.dim,
        rows: new Map([...allUsers.rows].map(([id, values]) => [id, done(values)])),
      },
      ...{ seed: SEED, ranked: 0, generated: 0 },
    });
    curve.push({
      ...rule,
      ...(clip !== undefined &&
        way.sigma !== undefined && { epsilon: epsilonOf({ clip, sigma: way.sigma }, DELTA) }),
      recovered: { topAngle: bestOf(recoveries, 'top angle'), items: bestOf(recoveries, 'clicked items') },
      personalisation: report.conditions.shuffled!.minusTrue!,
    });
  }
  return curve;
}
