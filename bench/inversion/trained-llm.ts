/**
 * As `hidden.ts` and `members.ts`, on SmolLM2: projectors that are aligned for a short while, with an attribute erased and without, and trained through the LLM with
 * DP-SGD and without. What is recovered from their soft tokens, and what personalisation they keep. The lines that are attacked are in none of the trainings.
 */
import { audit } from '../../src/evaluate/audit/audit.ts';
import { membership } from '../../src/evaluate/audit/membership.ts';
import { loadSentenceEncoder } from '../../src/node.ts';
import { withAnchorRows } from '../../src/projector/projector.ts';
import { type Example, type Projector, type TrainOptions, train, vocabularyWords } from '../../src/train.ts';
import { TRAIN_INTERESTS } from '../../tools/smollm2/data/interests.ts';
import { TRAIN_LINES } from '../../tools/smollm2/data/train-lines.ts';
import { fill, TRAIN_FRAMES } from '../../tools/smollm2/data/wordings.ts';
import { SPACE } from '../../tools/smollm2/make-smollm2.ts';
import { alignmentRows } from '../../tools/smollm2/training-files.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { ENCODER, MODEL, PROJECTOR, TOPICS } from '../ablate/llm-lines.ts';
import { peopleOfOneLine } from '../drift/llm.ts';
import { gain, openScorer, type Scored } from '../drift/score.ts';
import { areaOf, attackedLines, peopleOfLines } from './llm.ts';
import { note, SEED } from './readers.ts';
import { ASIDE } from './shipped-llm.ts';
import type { TrainedLlm, TrainedWay } from './trained-llm-page.ts';
import { bestOf } from './vault.ts';

/** Texts of the alignment, its steps, and people in template lines whom the erasure is fitted on. */
const [TEXTS, ALIGNED, FITTED] = [8000, 300, [2000, 20_000]] as const;
/** Through the LLM, from the aligned projector on. */
const STEPS = { steps: 16, people: 32, epsilon: 8, delta: 1e-3, clip: 0.1, learningRate: 1e-3 } as const;
/** Members and others. */
const SIDES = 100;
const AREA = 'area of interest';

/** Told after each training. */
export async function* trainedLlm(): AsyncGenerator<TrainedLlm> {
  const scorer = await openScorer(MODEL, PROJECTOR);
  const { model, runtime, projector: shipped, score } = scorer;
  const { dim } = shipped.contract.space;
  const { own, texts } = await peopleOfOneLine();
  const { rows: attacked, attributes } = await peopleOfLines();
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  const encoded = async (lines: readonly string[]) => {
    const flat = await encoder.encode(lines);
    return lines.map((_, i) => flat.slice(i * dim, (i + 1) * dim));
  };
  const said = new Set(attackedLines().map(({ line }) => line));
  note('encoding texts to align with, and people to fit on');
  const words = vocabularyWords(model).map(({ word }) => word);
  const all = alignmentRows({
    ...{ interests: TRAIN_INTERESTS, aside: ASIDE, personas: [], seed: SEED, words: words.slice(0, 8000) },
  });
  const aligned = seededRandom(SEED, 'trained texts')
    .shuffled(all.filter(({ text }) => !said.has(text)))
    .slice(0, TEXTS);
  const alignTo = (await encoded(aligned.map(({ text }) => text))).map((vector, i) => ({
    ...{ vector, words: aligned[i]!.words },
  }));
  const random = seededRandom(SEED, 'fitted on');
  const fitted = Array.from({ length: FITTED.at(-1)! }, () => {
    const interest = random.pick(TRAIN_INTERESTS);
    return { interest, line: fill(random.pick(TRAIN_FRAMES), random.pick(interest.phrases)) };
  });
  const fittedRows = await encoded(fitted.map(({ line }) => line));
  const questionOf = new Map(
    TOPICS.flatMap(({ question, interests }) => interests.map((interest) => [interest, question])),
  );
  const exampleOf = (user: string, interest: (typeof fitted)[number]['interest'], line: number): Example => ({
    ...{ user, line, persona: undefined, target: `How about ${interest.about}?` },
    messages: [{ role: 'user', content: questionOf.get(interest) ?? TOPICS[0]!.question }],
  });
  const common = {
    ...{ model, runtime, space: SPACE, seed: SEED, heldOut: 0, reference: false, hidden: 0, noise: 0.6 },
    slot: shipped.contract.slot,
  } as const;

  const alignedOn = async (people: number, isErased: boolean): Promise<Projector> => {
    const some = fitted.slice(0, people);
    const options: TrainOptions = {
      ...{ ...common, alignTo, anchors: shipped.anchors, steps: 0 },
      alignment: { steps: ALIGNED, learningRate: 3e-4 },
      users: { dim, rows: new Map(some.map((_, i) => [`f${i}`, fittedRows[i]!])) },
      // Whose texts stand for nothing but that they are trained on: no step is through the LLM. The same for all, so that they standardise alike.
      examples: fitted.slice(0, FITTED[0]).map(({ interest }, i) => exampleOf(`f${i}`, interest, i + 1)),
      ...(isErased && {
        hide: {
          name: 'area',
          answers: new Map(some.map(({ interest }, i) => [`f${i}`, areaOf.get(interest)!])),
        },
      }),
    };
    return (await train(options)).projector;
  };

  const each = async (of: (i: number) => Float32Array | undefined, by?: Projector) => {
    const scores: Scored[] = [];
    for (const [i, text] of texts.entries()) scores.push(await score([text], of(i), by && { by }));
    return scores;
  };
  note('nobody set');
  const nobody = await each(() => undefined);
  const ways: TrainedWay[] = [];
  const measured = async (
    way: Pick<TrainedWay, 'fittedOn' | 'steps' | 'epsilon' | 'noise'>,
    bare: Projector,
  ) => {
    const by = await withAnchorRows(bare, model, runtime);
    const { recoveries, users } = await audit({
      ...{
        model,
        runtime,
        projector: by,
        attributes,
        seed: SEED,
        views: ['soft-token'],
        prompts: [],
        maxTokens: 1,
      },
      users: { dim, rows: attacked },
    });
    const area = recoveries.filter(({ attribute }) => attribute === AREA);
    const mine = await each((i) => own[i]!, by);
    // Four on: the topic at the same place of the next one of the sixteen whom all these are of.
    const others = await each((i) => own[(i + 4) % own.length]!, by);
    ways.push({
      ...way,
      recovered: { area: bestOf(recoveries, AREA), words: bestOf(recoveries, 'a word of the line') },
      by: Object.fromEntries(area.map(({ attacker, recovered }) => [attacker, recovered.mean])),
      personalisation: gain(others, mine),
      overNobody: gain(nobody, mine),
    });
    const { population } = area[0]!;
    return { people: texts.length, attacked: users, population, texts: TEXTS, aligned: ALIGNED };
  };

  note('aligned');
  const plain = await alignedOn(FITTED[0], false);
  const sizes = await measured({}, plain);
  const found = () => ({ ...sizes, ways: [...ways], dp: { ...STEPS, trained: members.length } });
  const mostly = seededRandom(SEED, 'members')
    .shuffled(TRAIN_LINES)
    .filter(({ interest, line }) => questionOf.has(interest) && !said.has(line));
  const members = mostly.map(({ interest }, i) => exampleOf(`m${i}`, interest, i + 1));
  yield found();
  for (const people of FITTED) {
    note(`area erased by a fit on ${people}`);
    await measured({ fittedOn: people }, await alignedOn(people, true));
    yield found();
  }
  const vectors = await encoded(mostly.map(({ line }) => line));
  const others = attackedLines().flatMap(({ interest }, i) =>
    questionOf.has(interest) ? [exampleOf(`p${i}`, interest, i + 1)] : [],
  );
  const users = {
    dim,
    rows: new Map([...mostly.map((_, i) => [`m${i}`, vectors[i]!] as const), ...attacked]),
  };
  const init = await withAnchorRows(plain, model, runtime);
  const { steps, people, epsilon, delta, clip, learningRate } = STEPS;
  for (const isPrivate of [false, true]) {
    note(isPrivate ? `ε = ${epsilon}` : 'through the LLM without noise');
    const { projector } = await train({
      ...{ ...common, users: { dim, rows: new Map([...users.rows].filter(([id]) => id.startsWith('m'))) } },
      ...{ examples: members, init, steps, learningRate, canaries: [] },
      ...(isPrivate ? { batch: 16, privacy: { epsilon, delta, people, clip } } : { batch: people }),
      onProgress: ({ step, loss }) => note(`step ${step}: ${loss.toFixed(3)}`),
    });
    const { dpNoise } = projector.contract.training as { readonly dpNoise?: number };
    await measured({ steps, ...(isPrivate && { epsilon, noise: dpNoise! }) }, projector);
    yield found();
    note('membership');
    const { auc } = await membership({
      ...{ model, runtime, users, seed: SEED, projector: await withAnchorRows(projector, model, runtime) },
      ...{ members: members.slice(0, SIDES), others: others.slice(0, SIDES) },
    });
    ways.push({ ...ways.pop()!, membership: auc });
    yield { ...found(), sides: SIDES };
  }
  await encoder.release();
}
