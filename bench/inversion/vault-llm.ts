/** As `vault.ts`, of people in their own words: SmolLM2 with the projector that ships, embeddings of a sentence encoder. */
import { audit } from '../../src/evaluate/audit/audit.ts';
import { epsilonOf } from '../../src/node.ts';
import { protect } from '../../src/user/gaussian-mechanism.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { MODEL, PROJECTOR } from '../ablate/llm-lines.ts';
import { peopleOfOneLine } from '../drift/llm.ts';
import { gain, openScorer, type Scored } from '../drift/score.ts';
import type { ProtectedLines } from '../inversion-results.ts';
import { peopleOfLines } from './llm.ts';
import { note, SEED } from './readers.ts';
import { bestOf, CLIP, DELTA } from './vault.ts';

/** The reference in the projector's file has 64 directions of 384: protection keeps no more. */
const DIRECTIONS = 64;
const WAYS: readonly { readonly components?: number; readonly sigma?: number }[] = [
  {},
  ...[DIRECTIONS, 16, 8].map((components) => ({ components })),
  ...[0.25, 0.5, 1, 2, 4].map((sigma) => ({ components: DIRECTIONS, sigma })),
];

/** Told after each protection. */
export async function* protectedLines(): AsyncGenerator<ProtectedLines> {
  const { own, texts } = await peopleOfOneLine();
  const { rows, attributes } = await peopleOfLines();
  const { model, runtime, projector, score } = await openScorer(MODEL, PROJECTOR);
  const { space } = projector.contract;
  const population = { ...space, reference: projector.reference };
  const random = seededRandom(SEED, 'noise').next;
  const each = async (of: (i: number) => Float32Array | undefined) => {
    const scores: Scored[] = [];
    for (const [i, text] of texts.entries()) scores.push(await score([text], of(i)));
    return scores;
  };
  const nobody = await each(() => undefined);
  const curve: ProtectedLines['curve'][number][] = [];
  for (const { components, sigma } of WAYS) {
    const clip = sigma === undefined ? undefined : CLIP * Math.sqrt(components!);
    const rule = {
      ...(components !== undefined && { components }),
      ...(sigma !== undefined && { sigma, clip: clip! }),
    };
    note(JSON.stringify(rule));
    const done = (values: Float32Array) =>
      components === undefined ? values : protect(values, population, rule, random);
    const { recoveries, users } = await audit({
      ...{ model, runtime, projector, attributes, seed: SEED, protect: done },
      ...{ users: { dim: space.dim, rows }, views: ['embedding'], prompts: [], maxTokens: 1 },
    });
    const theirs = own.map(done);
    const mine = await each((i) => theirs[i]!);
    // Four on: the topic at the same place of the next one of the sixteen whom all these are of.
    const others = await each((i) => theirs[(i + 4) % theirs.length]!);
    curve.push({
      ...rule,
      ...(sigma !== undefined && { epsilon: epsilonOf({ clip: clip!, sigma }, DELTA) }),
      recovered: {
        area: bestOf(recoveries, 'area of interest'),
        words: bestOf(recoveries, 'a word of the line'),
      },
      personalisation: gain(others, mine),
      overNobody: gain(nobody, mine),
    });
    yield { people: texts.length, attacked: users, curve };
  }
}
