/**
 * Fusion on a real LLM: people with one interest, of which a line is known to one service as a vector of all-MiniLM-L6-v2, and another line to a second
 * service as one of the Universal Sentence Encoder. Short trainings of SmolLM2 projectors that read both, with source dropout and without, against one that reads the
 * first source alone.
 */
import { mkdirSync } from 'node:fs';
import type { Interval } from '../../src/evaluate/index.ts';
import { type Fusion, fuseEmbeddings, loadSentenceEncoder } from '../../src/node.ts';
import { type Anchors, roundedKeys } from '../../src/projector/anchors.ts';
import { withAnchorRows } from '../../src/projector/projector.ts';
import { standardisation } from '../../src/train/standardise.ts';
import { type Example, fitFusion, type Projector, type TrainOptions, train } from '../../src/train.ts';
import type { Interest } from '../../tools/smollm2/data/interest.ts';
import { TRAIN_INTERESTS } from '../../tools/smollm2/data/interests.ts';
import { fill, TEST_FRAMES, TRAIN_FRAMES } from '../../tools/smollm2/data/wordings.ts';
import { alignmentRows } from '../../tools/smollm2/training-files.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { gain, openScorer, type Scored } from '../drift/score.ts';
import { encodeSentences } from '../persona-chat/encode.ts';
import { type Budget, CACHE, FUSED_SPACE } from './fusion.ts';
import { ENCODER, MODEL, PROJECTOR, TOPICS } from './llm-lines.ts';

const [WORDS, TEXTS, ALIGNED, TRAINED, STEPS, BATCH, PEOPLE] = [1000, 2500, 200, 200, 6, 16, 64] as const;
const DROPOUT = 0.3;
const [FIRST, SECOND] = ['all-MiniLM-L6-v2', 'universal-sentence-encoder'] as const;
type Source = typeof FIRST | typeof SECOND;
/** Of one person or text: what each source makes of it. */
type Both = Readonly<Record<Source, Float32Array>>;

export interface FusedLines {
  readonly people: number;
  readonly trained: number;
  readonly texts: number;
  readonly aligned: number;
  readonly steps: number;
  readonly batch: number;
  readonly dropout: number;
  readonly words: number;
  /** Of each way of training: by what is known of a person. */
  readonly ways: readonly {
    readonly way: string;
    readonly known: readonly {
      readonly known: string;
      /** Over nobody set, over somebody else's sources, and over the projector of one source where it reads its one. */
      readonly gain: Interval;
      readonly overOthers?: Interval;
      readonly overAlone?: Interval;
    }[];
  }[];
}

const NOBODY = 'no source: the mean user';

/** @param keep is told after each training */
export async function fusedLines(
  _?: Budget,
  __?: readonly string[],
  keep: (found: FusedLines) => void = () => {},
): Promise<FusedLines> {
  mkdirSync(CACHE, { recursive: true });
  const { model, runtime, projector: shipped, score } = await openScorer(MODEL, PROJECTOR);
  const { slot } = shipped.contract;
  const random = seededRandom(1, 'fused lines');
  const personOf = (interest: Interest, frames: readonly string[]) => {
    // Two phrases where there are two.
    const [one, other = one] = random.shuffled(interest.phrases);
    return [one!, other!].map((phrase) => fill(random.pick(frames), phrase)) as [string, string];
  };
  const asked = TOPICS.flatMap(({ question, interests }) =>
    interests.map((interest) => ({ question, interest })),
  );
  const trained = Array.from({ length: TRAINED }, () => {
    const { question, interest } = random.pick(asked);
    return { question, interest, lines: personOf(interest, TRAIN_FRAMES) };
  });
  const tested = random.shuffled(asked).slice(0, PEOPLE);
  const test = tested.map((each) => ({ ...each, lines: personOf(each.interest, TEST_FRAMES) }));
  const texts = random
    .shuffled(alignmentRows({ interests: TRAIN_INTERESTS, aside: [], words: [], personas: [], seed: 1 }))
    .slice(0, TEXTS);
  const wordAnchors = shipped.anchors!.ids.slice(0, WORDS);
  const phrases = shipped.anchors!.phrases!;
  const spoken = [...wordAnchors.map((id) => [id]), ...phrases].map(
    (tokens) => `I love ${model.codec.decode(tokens).trim()}.`,
  );
  const all = [
    ...new Set([
      ...spoken,
      ...texts.map(({ text }) => text),
      ...[...trained, ...test].flatMap(({ lines }) => lines),
    ]),
  ];
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  const flat = await encoder.encode(all);
  const { dim } = encoder;
  await encoder.release();
  const vectors: Record<Source, ReadonlyMap<string, Float32Array>> = {
    [FIRST]: new Map(all.map((text, i) => [text, flat.slice(i * dim, (i + 1) * dim)])),
    [SECOND]: await encodeSentences(all, CACHE),
  };
  const bothOf = ([one, other]: readonly [string, string]): Both => ({
    [FIRST]: vectors[FIRST].get(one)!,
    [SECOND]: vectors[SECOND].get(other)!,
  });
  const usersOf = (source: Source) => ({
    dim: vectors[source].get(all[0]!)!.length,
    rows: new Map(trained.map(({ lines }, i) => [`t${i}`, bothOf(lines)[source]])),
  });
  const two = fitFusion(FUSED_SPACE, { [FIRST]: usersOf(FIRST), [SECOND]: usersOf(SECOND) });
  const alone = fitFusion(FUSED_SPACE, { [FIRST]: usersOf(FIRST) });
  const fused = (fusion: Fusion, of: Both, known: readonly Source[]) =>
    fuseEmbeddings(
      fusion,
      known.map((space) => ({ space, values: of[space] })),
    ).values;

  /** What each source makes of a word, one behind the other as in a fused vector. */
  const anchorsOf = (sources: readonly Source[]): Anchors => {
    const parts = sources.map((source) => unitRows(spoken.map((line) => vectors[source].get(line)!)));
    const keys = spoken.flatMap((_, a) => parts.flatMap((rows) => [...rows[a]!, 0]));
    return {
      ...{ ids: wordAnchors, phrases },
      keys: roundedKeys(Float32Array.from(keys), keys.length / spoken.length),
    };
  };
  const trainOn = async (
    sources: readonly Source[],
    { dropout, gate }: { readonly dropout: number; readonly gate: boolean },
  ): Promise<Projector> => {
    const fusion = sources.length === 1 ? alone : two;
    const rows = trained.map(({ lines }) => fused(fusion, bothOf(lines), sources));
    const leave = seededRandom(1, 'left out');
    // The alignment itself leaves no source out, so its texts do.
    const knownOf = (): readonly Source[] => {
      const staying = leave.pick(sources);
      return sources.filter((source) => source === staying || leave.next() >= dropout);
    };
    const options: TrainOptions = {
      ...{ model, runtime, space: FUSED_SPACE, slot, fusion, gate, sourceDropout: dropout, seed: 1 },
      ...{ users: { dim: rows[0]!.length, rows: new Map(rows.map((row, i) => [`t${i}`, row])) } },
      examples: trained.map(
        ({ question, interest }, i): Example => ({
          ...{ user: `t${i}`, line: i + 1, persona: undefined, target: `How about ${interest.about}?` },
          messages: [{ role: 'user', content: question }],
        }),
      ),
      alignTo: texts.map(({ text, words }) => ({
        ...{ words, vector: fused(fusion, bothOf([text, text]), knownOf()) },
      })),
      ...{ anchors: anchorsOf(sources), alignment: { steps: ALIGNED, learningRate: 3e-4 } },
      ...{ hidden: 0, heldOut: 0, reference: false, steps: STEPS, batch: BATCH, learningRate: 3e-4 },
      onProgress: ({ stage, step, loss }) => {
        if (stage === 'train' || step % 50 === 0) console.log(`${stage} ${step}: ${loss.toFixed(3)}`);
      },
    };
    return withAnchorRows((await train(options)).projector, model, runtime);
  };

  const each = async (of: (i: number) => Float32Array | undefined, by?: Projector) => {
    const scores: Scored[] = [];
    for (const [i, { question, interest }] of test.entries()) {
      const text = { prompt: question, target: `How about ${interest.about}?` };
      scores.push(await score([text], of(i), by && { by }));
    }
    return scores;
  };
  const people = test.map(({ lines }) => bothOf(lines));
  const nobody = await each(() => undefined);
  const ways: FusedLines['ways'][number][] = [];
  const made = (): FusedLines => ({
    ...{ people: PEOPLE, trained: TRAINED, texts: TEXTS, aligned: ALIGNED, steps: STEPS, batch: BATCH },
    ...{ dropout: DROPOUT, words: WORDS, ways: [...ways] },
  });
  let first: Scored[] | undefined;
  const measured = async (way: string, sources: readonly Source[], by: Projector) => {
    const fusion = sources.length === 1 ? alone : two;
    const knowns = sources.length === 1 ? [[FIRST]] : [[FIRST, SECOND], [FIRST], [SECOND]];
    const found: FusedLines['ways'][number]['known'][number][] = [];
    for (const known of knowns as Source[][]) {
      const vector = (i: number) => fused(fusion, people[i % people.length]!, known);
      const mine = await each(vector, by);
      // Of everything that the projector reads.
      const others = known.length === sources.length && (await each((i) => vector(i + 1), by));
      found.push({
        ...{ known: known.join(' and '), gain: gain(nobody, mine) },
        ...(others && { overOthers: gain(others, mine) }),
        ...(first && { overAlone: gain(first, mine) }),
      });
      first ??= mine;
    }
    const mean = Float32Array.from(by.contract.space.mean);
    found.push({ known: NOBODY, gain: gain(nobody, await each(() => mean, by)) });
    console.log(JSON.stringify([way, found]));
    ways.push({ way, known: found });
    keep(made());
  };
  await measured('one source alone', [FIRST], await trainOn([FIRST], { dropout: 0, gate: false }));
  for (const { way, ...how } of [
    { way: 'both, source dropout', dropout: DROPOUT, gate: false },
    { way: 'both, neither', dropout: 0, gate: false },
    { way: 'both, gates and source dropout', dropout: DROPOUT, gate: true },
  ])
    await measured(way, [FIRST, SECOND], await trainOn([FIRST, SECOND], how));
  return made();
}

/** Centred and scaled over all of them, then of length 1. */
function unitRows(rows: readonly Float32Array[]): Float32Array[] {
  const { mean, scale } = standardisation(rows, rows[0]!.length);
  return rows.map((row) => {
    const at = row.map((v, i) => (v - mean[i]!) / scale[i]!);
    const length = Math.hypot(...at);
    return at.map((v) => v / length);
  });
}
