/**
 * On a real LLM: people of several interests, who ask about one of them. SmolLM2-135M-Instruct with the projector that ships, which was aligned to
 * lines about interests and is not trained here; what differs is what becomes of a person's lines. The temperature is chosen on other people.
 */

import type { Condition } from '../../src/evaluate/index.ts';
import { loadSentenceEncoder } from '../../src/node.ts';
import { vectorsOf } from '../../src/projector/projector.ts';
import { weighByQuestion } from '../../src/projector/weigh-by-question.ts';
import { clusterMeans } from '../../src/train/cluster-means.ts';
import type { Example } from '../../src/train.ts';
import { differenceToPeers } from '../../src/user/fuse-embeddings.ts';
import type { Interest } from '../../tools/smollm2/data/interest.ts';
import { CRAFT_INTERESTS } from '../../tools/smollm2/data/interests-crafts.ts';
import { FOOD_INTERESTS } from '../../tools/smollm2/data/interests-food.ts';
import { MUSIC_INTERESTS } from '../../tools/smollm2/data/interests-music.ts';
import { NATURE_INTERESTS } from '../../tools/smollm2/data/interests-nature.ts';
import { SPORT_INTERESTS } from '../../tools/smollm2/data/interests-sport.ts';
import { DEV_FRAMES, fill, TEST_FRAMES, TRAIN_FRAMES } from '../../tools/smollm2/data/wordings.ts';
import { type Random, seededRandom } from '../../tools/world/random.ts';
import { openStudy, type People } from '../study.ts';
import { type ComparedVariant, compareVariants } from './compare.ts';
import { type Budget, CACHE } from './fusion.ts';

export const PROJECTOR = 'public/projectors/smollm2-135m-instruct.safetensors';
export const [MODEL, ENCODER] = [
  '../shared/models/smollm2-135m-instruct',
  '../shared/models/all-minilm-l6-v2',
];
const [DEV, TEST] = [8, 16];
const TEMPERATURES = [0.01, 0.03, 0.1];
const PEERS = { clusters: 32, least: 5, seed: 1 };

/** What is asked is about a topic, and names no interest. */
export const TOPICS: readonly { readonly question: string; readonly interests: readonly Interest[] }[] = [
  { question: 'What should I eat or drink tonight?', interests: FOOD_INTERESTS },
  { question: 'What music should I play or hear this evening?', interests: MUSIC_INTERESTS },
  { question: 'What could I make with my own hands?', interests: CRAFT_INTERESTS },
  { question: 'Which sport or exercise should I do today?', interests: SPORT_INTERESTS },
  { question: 'What could I do with plants, animals or the weather?', interests: NATURE_INTERESTS },
];
/** Of each person, one interest in each of so many topics, all of which they ask about. */
const INTERESTS = 4;

export interface LlmLines {
  readonly dev: number;
  readonly people: number;
  readonly questions: number;
  readonly clusters: number;
  /** Gain on the people whom the temperature is chosen on. */
  readonly temperatures: readonly { readonly temperature: number; readonly gain: number }[];
  readonly temperature: number;
  readonly variants: readonly ComparedVariant[];
}

interface Asker {
  readonly id: string;
  readonly lines: readonly string[];
  readonly asks: readonly { readonly question: string; readonly about: string }[];
}

/** What a person's vectors become where this is asked. */
type Way = (vectors: readonly Float32Array[], question: Float32Array) => Float32Array;

/** @param rows names of ways, beside the plain vector; default all */
export async function llmLines(_?: Budget, rows?: readonly string[]): Promise<LlmLines> {
  const [dev, test] = [askers('dev', DEV, DEV_FRAMES), askers('test', TEST, TEST_FRAMES)];
  const random = seededRandom(1, 'peers');
  const others = TOPICS.flatMap(({ interests }) =>
    interests.map(({ phrases }) => fill(random.pick(TRAIN_FRAMES), random.pick(phrases))),
  );
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  const texts = [
    ...[...dev, ...test].flatMap(({ lines }) => lines),
    ...TOPICS.map((t) => t.question),
    ...others,
  ];
  const flat = await encoder.encode(texts);
  const { dim } = encoder;
  await encoder.release();
  const vectors = new Map(texts.map((text, i) => [text, flat.subarray(i * dim, (i + 1) * dim)]));
  const means = clusterMeans(
    others.map((text) => [...vectors.get(text)!]),
    PEERS,
  );
  const unscaled = { means, nearest: 1, beside: false, scale: new Array<number>(dim).fill(1) };

  const peopleBy = (who: readonly Asker[], way: Way): People => {
    const rows = new Map<string, Float32Array>();
    const examples = who.flatMap(({ id, lines, asks }) =>
      asks.map(({ question, about }): Example => {
        const user = `${id} ${question}`;
        rows.set(
          user,
          way(
            lines.map((line) => vectors.get(line)!),
            vectors.get(question)!,
          ),
        );
        const messages = [{ role: 'user' as const, content: question }];
        return { user, group: id, messages, target: `How about ${about}?`, persona: undefined, line: 0 };
      }),
    );
    return { users: { rows, dim }, examples: examples.map((example, i) => ({ ...example, line: i + 1 })) };
  };
  const set: Way = (lines) => Float32Array.from(lines.flatMap((line) => [...line]));
  const mean: Way = (lines) => weighByQuestion(lines, undefined, { temperature: 1 });
  const weighed =
    (temperature: number): Way =>
    (lines, question) =>
      weighByQuestion(vectorsOf(set(lines, question), dim), question, { temperature });
  const difference: Way = (lines, question) =>
    Float32Array.from(differenceToPeers([...mean(lines, question)], unscaled));

  const study = openStudy({
    ...{ folder: `${CACHE}/llm`, model: MODEL, seeds: [1], recipe: [], lanes: 1 },
    ...{ train: peopleBy(dev, mean), test: peopleBy(test, mean) },
    evaluation: ['--shuffles', '1', '--ranked', '0', '--generated', '0', '--batch', '16', '--by-group'],
  });
  // Nobody set is the same whatever becomes of the lines: measured with the first.
  const job = (name: string, who: readonly Asker[], way: Way, conditions: readonly Condition[]) => ({
    ...{ name, projectors: [PROJECTOR], test: peopleBy(who, way), conditions },
  });
  const tried = await study.evaluate(
    TEMPERATURES.map((t, i) => job(`dev-${t}`, dev, weighed(t), i === 0 ? ['none', 'true'] : ['true'])),
  );
  const nobody = tried.get(`dev-${TEMPERATURES[0]}`)!.conditions.none!.nll.mean;
  const temperatures = TEMPERATURES.map((temperature) => ({
    temperature,
    gain: nobody - tried.get(`dev-${temperature}`)!.conditions.true!.nll.mean,
  }));
  const { temperature } = temperatures.reduce((best, each) => (each.gain > best.gain ? each : best));
  const ways = [
    { name: 'mean', label: 'plain vector (mean of the lines)', way: mean },
    { name: 'weighed', label: `weighed by the question, τ = ${temperature}`, way: weighed(temperature) },
    { name: 'set', label: 'each line a soft token (4 of them)', way: set },
    { name: 'difference', label: 'difference of the mean to peers, alone', way: difference },
  ].filter(({ name }) => name === 'mean' || (rows?.includes(name) ?? true));
  const reports = await study.evaluate(
    ways.map(({ name, way }, i) => job(name, test, way, i === 0 ? ['none', 'true'] : ['true'])),
  );
  return {
    ...{
      dev: DEV,
      people: TEST,
      questions: TEST * INTERESTS,
      clusters: means.length,
      temperatures,
      temperature,
    },
    variants: compareVariants(ways.map(({ name, label }) => ({ label, report: reports.get(name)! }))),
  };
}

function askers(split: string, count: number, frames: readonly string[]): Asker[] {
  const random: Random = seededRandom(1, `askers ${split}`);
  return Array.from({ length: count }, (_, i) => {
    const theirs = random
      .shuffled(TOPICS)
      .slice(0, INTERESTS)
      .map(({ question, interests }) => ({ question, interest: random.pick(interests) }));
    return {
      id: `${split}-${i}`,
      lines: theirs.map(({ interest }) => fill(random.pick(frames), random.pick(interest.phrases))),
      asks: theirs.map(({ question, interest }) => ({ question, about: interest.about })),
    };
  });
}
