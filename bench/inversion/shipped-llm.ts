/**
 * Membership of the shipped projector for SmolLM2: it was aligned to lines of Persona-Chat's validation people, and never saw those of its test people, whom the
 * same crowd wrote. Score: the loss of the alignment by a reference model, which was aligned to neither, less that by the file.
 */
import { readFileSync } from 'node:fs';
import { type MembershipScore, scoreOf } from '../../src/evaluate/audit/membership.ts';
import {
  type BaseModel,
  createRuntime,
  loadModel,
  loadSentenceEncoder,
  type Runtime,
  type SentenceEncoder,
} from '../../src/node.ts';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import { align, createAligner } from '../../src/train/alignment.ts';
import { randomAt } from '../../src/train/draw-batches.ts';
import {
  flatten,
  INITIAL_SHARPNESS,
  initialParameters,
  type ParameterLayout,
  parameterLayout,
} from '../../src/train/parameters.ts';
import { anchorAt, prepareAlignment, wordTargets } from '../../src/train/prepare-alignment.ts';
import { alignmentGraph, type ProjectorShape } from '../../src/train/projector-graph.ts';
import { parameterFeeds } from '../../src/train/projector-session.ts';
import { type Projector, readProjector, vocabularyWords } from '../../src/train.ts';
import { DEV_INTERESTS } from '../../tools/smollm2/data/dev-interests.ts';
import { TRAIN_INTERESTS } from '../../tools/smollm2/data/interests.ts';
import { TEST_INTERESTS } from '../../tools/smollm2/data/test-interests.ts';
import { ENCODER, MODEL } from '../../tools/smollm2/make-smollm2.ts';
import { alignmentRows, readPersonas } from '../../tools/smollm2/training-files.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { note, SEED } from './readers.ts';

const PROJECTOR = 'public/projectors/smollm2-135m-instruct.safetensors';
/** Interests whose lines no training may see. */
export const ASIDE = [...DEV_INTERESTS, ...TEST_INTERESTS];
const SHARED = '../shared/data/synthetic-persona-chat';
/** Words of a line that it is aligned to, at most. */
const WORDS = 2;
/** Of the reference model: a part of the other texts that the shipped one was aligned to, each as often as there. */
const REFERENCE = { texts: 4000, steps: 300, learningRate: 3e-4, noise: 0.6, weightDecay: 0.01 } as const;

/** One score on people's lines together, and on each line alone. */
interface ByBoth {
  readonly people: MembershipScore;
  readonly line: MembershipScore;
}

export interface MembersOfLlm {
  readonly members: number;
  readonly others: number;
  /** Of both. */
  readonly lines: number;
  readonly reference: { readonly texts: number; readonly steps: number };
  /** The loss by the parameters that a training starts with, less that by the file. */
  readonly byStart: ByBoth;
  readonly byReference: ByBoth;
  /** The first on the reference model: away from chance, members and others differ in more than membership. */
  readonly control: ByBoth;
}

/** Validation people were trained on. */
type Split = 'valid' | 'test';

interface Line {
  readonly person: string;
  readonly text: string;
  readonly words: string | readonly string[];
}

export async function membersOfLlm(): Promise<MembersOfLlm> {
  const runtime = createRuntime();
  const model = await loadModel({ model: MODEL, dtype: 'q4' });
  const projector = readProjector(readFileSync(PROJECTOR), PROJECTOR);
  const { contract, weights, hidden } = projector;
  const anchors = projector.anchors!;
  const keys = anchors.keys!;
  const { dim } = contract.space;
  const shape = {
    ...{ dim, hidden, tokens: contract.tokens, hiddenSize: contract.model.hiddenSize },
    ...{ outputRms: contract.outputRms, residual: true },
    anchors: { rows: keys, keys, count: anchors.ids.length + anchors.phrases!.length },
  };
  const layout = parameterLayout(shape);
  const start = () => initialParameters(layout, randomAt(SEED, 'start', 0));
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  note('the reference model');
  const reference = await alignedToNeither({ model, runtime, encoder, projector, shape, layout }, start());
  const parameters = { start: start(), reference, shipped: flatten(weights, layout) };
  const given = { candidates: keys, targets: WORDS, logSharpness: INITIAL_SHARPNESS };
  const session = await runtime.createSession(writeOnnx(alignmentGraph(shape, 1, given)));
  const lossBy = async (each: Float32Array, vector: Float32Array, targets: readonly number[]) => {
    const wanted = Array.from({ length: WORDS }, (_, w) => targets[w]);
    const shares = wanted.map((target) => (target === undefined ? 0 : 1 / targets.length));
    const { loss } = await session.run({
      x: runtime.tensor('float32', standardised(projector, vector), [1, dim]),
      targets: runtime.tensor(
        'int64',
        BigInt64Array.from(wanted, (target = 0) => BigInt(target)),
        [1, WORDS],
      ),
      weights: runtime.tensor('float32', Float32Array.from(shares), [1, WORDS]),
      ...parameterFeeds(runtime, each, layout),
    });
    return (loss!.data as Float32Array)[0]!;
  };
  const find = anchorAt(anchors);
  const scored = async (lines: readonly Line[]) => {
    const found: Scored[] = [];
    for (const { person, text, words } of lines) {
      const targets = wordTargets(model.codec, words, find);
      if (targets.length === 0 || targets.length > WORDS) continue;
      const vector = await encoder.encode([text]);
      const [start, reference, shipped] = [
        await lossBy(parameters.start, vector, targets),
        await lossBy(parameters.reference, vector, targets),
        await lossBy(parameters.shipped, vector, targets),
      ];
      found.push({ person, start, reference, shipped });
    }
    return found;
  };
  note('lines that were trained on, and others');
  const [inside, outside] = [await scored(linesOf('valid')), await scored(linesOf('test'))];
  await session.release();
  await encoder.release();
  const by = (score: (line: Scored) => number): ByBoth => ({
    people: scoreOf(byPerson(inside, score), byPerson(outside, score), SEED),
    line: scoreOf(inside.map(score), outside.map(score), SEED),
  });
  const people = (lines: readonly Scored[]) => new Set(lines.map(({ person }) => person)).size;
  return {
    ...{ members: people(inside), others: people(outside), lines: inside.length + outside.length },
    reference: { texts: REFERENCE.texts, steps: REFERENCE.steps },
    byStart: by(({ start, shipped }) => start - shipped),
    byReference: by(({ reference, shipped }) => reference - shipped),
    control: by(({ start, reference }) => start - reference),
  };
}

/** Nats by the parameters of a training's start, of the reference model, and of the file. */
interface Scored {
  readonly person: string;
  readonly start: number;
  readonly reference: number;
  readonly shipped: number;
}

const standardised = ({ contract: { space } }: Projector, vector: Float32Array) =>
  vector.map((v, i) => (v - space.mean[i]!) / space.scale[i]!);

/** Parameters that were aligned as those of the file were, to interests, words and hand-written lines, but to nobody of Persona-Chat. */
async function alignedToNeither(
  options: {
    readonly model: BaseModel;
    readonly runtime: Runtime;
    readonly encoder: SentenceEncoder;
    readonly projector: Projector;
    readonly shape: ProjectorShape;
    readonly layout: ParameterLayout;
  },
  parameters: Float32Array,
): Promise<Float32Array> {
  const { model, runtime, encoder, projector, shape, layout } = options;
  const words = vocabularyWords(model).map(({ word }) => word);
  const all = alignmentRows({
    ...{ interests: TRAIN_INTERESTS, aside: ASIDE, personas: [], seed: SEED },
    words: words.slice(0, 8000),
  });
  const rows = seededRandom(SEED, 'reference').shuffled(all).slice(0, REFERENCE.texts);
  const vectors = await encoder.encode(rows.map(({ text }) => text));
  const { dim } = shape;
  const alignment = {
    ...(await prepareAlignment(
      rows.map(({ words }, i) => ({ words, vector: vectors.slice(i * dim, (i + 1) * dim) })),
      (vector) => standardised(projector, vector),
      projector.anchors,
      { model, runtime, users: { dim, rows: new Map() } },
    )),
    ...{ steps: REFERENCE.steps, learningRate: REFERENCE.learningRate },
  };
  const undecayed = layout.filter(({ dims }) => dims.length === 1).map(({ from, to }) => [from, to] as const);
  const aligner = await createAligner({
    alignment,
    shape,
    layout,
    runtime,
    seed: SEED,
    noise: REFERENCE.noise,
  });
  await align(aligner, { alignment, parameters, undecayed, weightDecay: REFERENCE.weightDecay });
  await aligner.release();
  return parameters;
}

/** As the training made them of the lines of a split, and whose they are. */
function linesOf(split: Split): Line[] {
  const [own, other] = [split, split === 'valid' ? 'test' : 'valid'].map((name) =>
    readPersonas(`${SHARED}/${name}.jsonl`),
  );
  const shared = new Set(other);
  const personOf = peopleOf(split);
  return alignmentRows({ interests: [], aside: ASIDE, words: [], personas: own!, seed: SEED }).flatMap(
    ({ text, words }) => {
      const person = personOf.get(text);
      return person === undefined || shared.has(text) ? [] : [{ person, text, words }];
    },
  );
}

/** Who wrote a line: profiles that share any are taken as one person's. */
function peopleOf(split: Split): ReadonlyMap<string, string> {
  const dialogues = readFileSync(`${SHARED}/${split}.jsonl`, 'utf8').split('\n').filter(Boolean);
  const profiles = dialogues.flatMap((line) => (JSON.parse(line) as { personas: string[][] }).personas);
  const parent = new Map<string, string>();
  const root = (line: string): string => {
    const above = parent.get(line);
    return above === undefined || above === line ? line : root(above);
  };
  for (const lines of profiles) for (const line of lines) parent.set(root(line), root(lines[0]!));
  return new Map(profiles.flat().map((line) => [line, root(line)]));
}

function byPerson<T extends { readonly person: string }>(
  lines: readonly T[],
  score: (line: T) => number,
): number[] {
  const people = new Map<string, number[]>();
  for (const line of lines) people.set(line.person, [...(people.get(line.person) ?? []), score(line)]);
  return [...people.values()].map((own) => own.reduce((sum, v) => sum + v, 0) / own.length);
}
