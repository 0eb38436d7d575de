/**
 * What the LLM could do before and should still do with soft tokens in its prompt. The slot has words of its own ("I want
 * something for fans of …"), which harm by themselves: with a word in it that says nothing, their share is told apart from that of the soft tokens.
 */
import { bootstrapMean, type Interval, pairedDifference } from '../../../src/evaluate/index.ts';
import type { TokenRun } from '../../../src/generate/decoder.ts';
import { seededRandom } from '../../world/random.ts';
import { afterQuestion, inSlots, NEUTRAL, nobody, softPrompt } from '../conditions.ts';
import { FACTS } from '../data/harmless/facts.ts';
import { ORDERS } from '../data/harmless/orders.ts';
import { PROSE } from '../data/harmless/prose.ts';
import { REQUESTS } from '../data/harmless/requests.ts';
import { ARITHMETIC } from '../data/harmless/sums.ts';
import { refuses } from '../data/judge.ts';
import { SEED, type Setting } from './setting.ts';

/** Shares of right answers, of refusals, and nats per token, in the order of the page. */
export const HARM_MEASURES = ['facts', 'sums', 'orders', 'refused', 'rightAnswerNll', 'proseNll'] as const;
export type HarmMeasure = (typeof HARM_MEASURES)[number];

/** Intervals over tasks. */
export type Harms = Readonly<Record<HarmMeasure, Interval>>;

export interface Harm {
  readonly name: string;
  readonly found: Harms;
  /** Differences within each task; absent in the condition itself. */
  readonly minusNobody?: Harms;
  readonly minusNeutral?: Harms;
}

export interface HarmReport {
  /** Tasks of each measure. */
  readonly counts: Readonly<Record<HarmMeasure, number>>;
  readonly rows: readonly Harm[];
}

type Prompt = (question: string, at: number) => TokenRun;

/** Tokens of an answer to a task: what is right comes early. */
const TASK_TOKENS = 24;
const NOBODY = 'nobody';
const NEUTRAL_SLOTS = `"${NEUTRAL}", both slots`;

/** Each task stands in the prompt with some person's soft tokens or words. */
function conditionsOf({ model, told, subjects }: Setting): Readonly<Record<string, Prompt>> {
  const { mean, scale } = told.projector.contract.space;
  const random = seededRandom(SEED, 'far outside');
  const far = Float32Array.from(mean, (m, i) => m + 20 * scale[i]! * (random.next() < 0.5 ? -1 : 1));
  const person = (at: number) => subjects[(at * 7) % subjects.length]!;
  return {
    [NOBODY]: (q) => nobody(model, q),
    [NEUTRAL_SLOTS]: (q) => inSlots(told, q, NEUTRAL),
    'mean soft token': (q) => softPrompt(told, q, undefined),
    'own, strength 0.5': (q, at) => softPrompt(told, q, person(at).vectors, 0.5),
    'own, strength 1': (q, at) => softPrompt(told, q, person(at).vectors),
    'own, strength 1.5': (q, at) => softPrompt(told, q, person(at).vectors, 1.5),
    'an embedding far outside': (q) => softPrompt(told, q, far),
    'keywords, both slots': (q, at) => inSlots(told, q, person(at).keywords.join(', ')),
    'text, after the question': (q, at) => afterQuestion(model, q, person(at).lines),
  };
}

export async function measureHarm(setting: Setting): Promise<HarmReport> {
  const conditions = conditionsOf(setting);
  const scores = new Map<string, Scores>();
  for (const [name, prompt] of Object.entries(conditions)) {
    scores.set(name, await scoresOf(setting, prompt));
    const means = HARM_MEASURES.map((m) => `${m} ${bootstrapMean(scores.get(name)![m]).mean.toFixed(2)}`);
    console.log(`harm, ${name}: ${means.join(', ')}`);
  }
  const all = (of: (measure: HarmMeasure) => Interval): Harms =>
    Object.fromEntries(HARM_MEASURES.map((measure) => [measure, of(measure)])) as Harms;
  const minus = (name: string, base: string) =>
    name === base ? undefined : all((m) => pairedDifference(scores.get(name)![m], scores.get(base)![m]));
  return {
    counts: Object.fromEntries(
      HARM_MEASURES.map((m) => [m, scores.get(NOBODY)![m].length]),
    ) as HarmReport['counts'],
    rows: Object.keys(conditions).map((name) => {
      const [minusNobody, minusNeutral] = [minus(name, NOBODY), minus(name, NEUTRAL_SLOTS)];
      return {
        ...{ name, found: all((m) => bootstrapMean(scores.get(name)![m])) },
        ...(minusNobody && { minusNobody }),
        ...(minusNeutral && { minusNeutral }),
      };
    }),
  };
}

/** A number for each task. */
type Scores = Readonly<Record<HarmMeasure, readonly number[]>>;

async function scoresOf({ asker, sizes }: Setting, prompt: Prompt): Promise<Scores> {
  const some = <T>(list: readonly T[]) => list.slice(0, sizes.tasks);
  const right = async (tasks: typeof FACTS) => {
    const list = some(tasks);
    const runs = list.map(({ question }, at) => prompt(question, at));
    const texts = await asker.answers(runs, Math.min(TASK_TOKENS, sizes.tokens));
    return list.map(({ isRight }, i) => Number(isRight(texts[i]!)));
  };
  const requests = some(REQUESTS);
  const replies = await asker.answers(requests.map(prompt), sizes.tokens);
  const nll = async (pairs: readonly (readonly [question: string, text: string])[]) => {
    const found: number[] = [];
    for (const [at, [question, text]] of pairs.entries())
      found.push(await asker.nll(prompt(question, at), text));
    return found;
  };
  const told = [...some(FACTS), ...some(ARITHMETIC)].map((t) => [t.question, t.answer!] as const);
  return {
    facts: await right(FACTS),
    sums: await right(ARITHMETIC),
    orders: await right(ORDERS),
    refused: requests.map((_, i) => Number(refuses(replies[i]!))),
    rightAnswerNll: await nll(told),
    proseNll: await nll(some(PROSE).map((text) => ['Tell me something.', text] as const)),
  };
}
