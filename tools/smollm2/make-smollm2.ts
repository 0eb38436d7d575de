/**
 * `npm run make:smollm2`: the projector that lets SmolLM2-135M-Instruct follow a few lines about oneself. Hand-written interests
 * and wordings → the LLM's own answers where an interest is spelled out → files for `e2p train`, which does the rest. Everything
 * lies in the cache folder, so that an interrupted run goes on; `--smoke` runs the same path in minutes.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { command as train } from '../../src/cli/train.ts';
import { createRuntime, loadModel } from '../../src/node.ts';
import { vocabularyWords } from '../../src/train.ts';
import { DEV_INTERESTS } from './data/dev-interests.ts';
import type { Interest } from './data/interest.ts';
import { TRAIN_INTERESTS } from './data/interests.ts';
import { DEV_QUESTIONS, TRAIN_QUESTIONS } from './data/questions.ts';
import { TEST_INTERESTS } from './data/test-interests.ts';
import { DEV_FILLERS, DEV_FRAMES } from './data/wordings.ts';
import { teacherAnswers } from './teacher-answers.ts';
import { alignmentRows, readPersonas, trainingRows } from './training-files.ts';

export const MODEL = '../shared/models/smollm2-135m-instruct';
export const ENCODER = '../shared/models/all-minilm-l6-v2';
/** Of its vectors. */
export const SPACE = 'all-MiniLM-L6-v2';
const PERSONAS = '../shared/data/synthetic-persona-chat/valid.jsonl';
const SEED = 1;
/**
 * `each`: answers for an interest. `words` of the vocabulary are spoken of in texts to align with; `anchors` are those that soft
 * tokens are mixed from: all that the encoder knows as one word too (15,531). Interests that no single word says are phrases.
 * Alignment alone: distillation through the LLM was tried with hundreds of steps and gained nothing (docs/training.md).
 */
const FULL = {
  ...{ interests: TRAIN_INTERESTS.length, each: 2 },
  ...{ words: 8000, anchors: 16_000, steps: 0, alignSteps: 2400 },
};
const SMOKE = { interests: 8, each: 1, words: 150, anchors: 200, steps: 2, alignSteps: 6 };

export interface MakeOptions {
  readonly model: string;
  readonly encoder: string;
  readonly out: string;
  readonly cache: string;
  readonly smoke: boolean;
  readonly threads: number;
  /** Further flags of `e2p train`. */
  readonly flags?: readonly string[];
}

export async function makeSmollm2(options: MakeOptions): Promise<void> {
  const { model: folder, encoder, out, cache, smoke, threads, flags = [] } = options;
  const sizes = smoke ? SMOKE : FULL;
  mkdirSync(cache, { recursive: true });
  mkdirSync(dirname(out), { recursive: true });
  const model = await loadModel({ model: folder, dtype: 'q4' });
  const interests: readonly Interest[] = TRAIN_INTERESTS.slice(0, sizes.interests);
  const answersOf = (
    name: string,
    of: typeof interests,
    questions: readonly { text: string }[],
    each: number,
  ) =>
    teacherAnswers({
      ...{ model, runtime: createRuntime({ threads }), interests: of, each, seed: SEED },
      ...{ questions: questions.map((q) => q.text), file: join(cache, `${name}.jsonl`) },
      onProgress: (done, all) => {
        if (done % 240 === 0 || done === all) console.log(`${name} ${done}/${all}`);
      },
    });
  const kept = smoke ? DEV_INTERESTS.slice(0, 4) : DEV_INTERESTS;
  const answers = await answersOf('answers', interests, TRAIN_QUESTIONS, sizes.each);
  const devAnswers = await answersOf('dev-answers', kept, DEV_QUESTIONS, smoke ? 1 : 6);

  const write = (name: string, rows: readonly unknown[]): string => {
    const file = join(cache, name);
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return file;
  };
  const known = trainingRows(answers, interests, model.codec, SEED);
  const wording = { frames: DEV_FRAMES, fillers: DEV_FILLERS, free: [] };
  const dev = trainingRows(devAnswers, kept, model.codec, SEED, wording);
  const align = alignmentRows({
    ...{ interests, aside: [...DEV_INTERESTS, ...TEST_INTERESTS], seed: SEED },
    words: vocabularyWords(model)
      .slice(0, sizes.words)
      .map(({ word }) => word),
    personas: !smoke && existsSync(PERSONAS) ? readPersonas(PERSONAS) : [],
  });
  console.log(
    `${known.examples.length} of ${answers.length} answers follow their interest; ${align.length} texts to align with`,
  );
  await train.run([
    ...asFlags({
      ...{ model: folder, 'model-id': 'HuggingFaceTB/SmolLM2-135M-Instruct', dtype: 'q4' },
      ...{ encoder, 'encoder-id': `Xenova/${SPACE}`, space: SPACE, vectors: 16 },
      users: write('users.jsonl', [...known.users, ...dev.users]),
      ...{ data: write('train.jsonl', known.examples), validation: write('dev.jsonl', dev.examples) },
      ...{
        align: write('align.jsonl', align),
        'align-steps': sizes.alignSteps,
        'align-lr': 0.0003,
        replay: 0.15,
      },
      ...{ anchors: sizes.anchors, hidden: 0, noise: 0.6, distill: 1, lr: 0.001 },
      ...{ steps: sizes.steps, batch: smoke ? 4 : 16, seed: SEED, threads, 'checkpoint-every': 10, out },
    }),
    // The file here is a 4-bit copy of a 4-bit copy; apps load the published one.
    ...['--requantised', '--resume', ...flags],
  ]);
}

const asFlags = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);

if (process.argv[1]?.endsWith('make-smollm2.ts')) {
  const { values, positionals } = parseArgs({
    options: {
      model: { type: 'string', default: MODEL },
      encoder: { type: 'string', default: ENCODER },
      out: { type: 'string' },
      cache: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      threads: { type: 'string', default: '1' },
    },
    allowPositionals: true,
  });
  const { model, encoder, smoke } = values;
  const cache = values.cache ?? (smoke ? '.cache/smollm2-smoke' : '.cache/smollm2');
  const shipped = 'public/projectors/smollm2-135m-instruct.safetensors';
  const out = values.out ?? (smoke ? join(cache, 'projector.safetensors') : shipped);
  await makeSmollm2({
    model,
    encoder,
    out,
    cache,
    smoke,
    threads: Number(values.threads),
    flags: positionals,
  });
}
