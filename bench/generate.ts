/**
 * Generation against Transformers.js on the same file, in turn in one process or page, and against itself: sampling against greedy, a session that begins
 * with what another has read against one that reads it. `npm run bench generate [-- <model folder> …]` measures Node, `-- --chromium` WASM in
 * Chromium, `-- --synthetic` in Node the large vocabularies of today's models on a few layers of random weights; all write docs/results/speed.json and .md.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { env, pipeline, TextStreamer } from '@huggingface/transformers';
import { Personalizer } from '../src/node.ts';
import { generateInChromium } from './generate-chromium.ts';
import { GREEDY, PROMPT_TOKENS, SAMPLINGS } from './generate-plan.ts';
import { keepSpeed, type Pair } from './generate-results.ts';
import { inTurn, isSameText, type Measured, ourSide, peerSide } from './generate-sides.ts';
import { randomModel } from './gpu/random-model.ts';
import { compareCaches } from './whole-cache.ts';

const FOLDERS = ['public/models/e2p-tiny', '../shared/models/smollm2-135m-instruct'];
/** The first round warms up and doesn't count. */
const ROUNDS = { rounds: 8, warmUps: 1 } as const;
/** Of random weights: fewer rounds and prompts, since their heads are large. */
const FEW = { rounds: 3, warmUps: 1 } as const;
const FEW_PROMPTS = [128, 512] as const;

/** As SmolLM2, Qwen 2.5 and Gemma 3 have. */
const SYNTHETIC = [
  { vocabSize: 49_152, layers: 6 },
  { vocabSize: 151_936, layers: 4 },
  { vocabSize: 262_144, layers: 2 },
] as const;
/** Its tokenizer serves for them. */
const TOKENIZER = 'public/models/e2p-tiny';

export async function benchGenerate(args: readonly string[]): Promise<void> {
  if (args.includes('--synthetic')) {
    for (const sizes of SYNTHETIC) {
      const { vocabSize, layers } = sizes;
      const title = `random weights, V = ${vocabSize.toLocaleString('en')}, ${layers} layers`;
      await generateInNode(await writeSynthetic(sizes), { title, rounds: FEW, prompts: FEW_PROMPTS });
    }
    return;
  }
  const given = args.filter((arg) => !arg.startsWith('--'));
  const folders = given.length > 0 ? given : FOLDERS.filter((path) => existsSync(path));
  for (const folder of folders) {
    if (args.includes('--chromium')) await generateInChromium(folder);
    else await generateInNode(folder);
  }
}

async function generateInNode(
  folder: string,
  {
    title = basename(folder),
    rounds = ROUNDS as typeof ROUNDS | typeof FEW,
    prompts = PROMPT_TOKENS as readonly number[],
  } = {},
): Promise<void> {
  const ours = ourSide(await Personalizer.create({ model: folder }), cpuTime);
  const theirs = await openTheirs(folder);
  const pairs: Pair[] = [];
  for (const tokens of prompts) {
    const content = await ours.contentOf(tokens);
    if (content === undefined) continue;
    const [a, b] = await inTurn([() => ours.run(content, GREEDY), () => theirs(content)], rounds);
    const isSame = isSameText(a![0]!.ids, b![0]!.ids);
    console.log(`${title}, ${tokens} tokens: the same ${a![0]!.ids.length} ids: ${isSame}`);
    for (const what of ['first', 'perToken', 'total'] as const) {
      const of = (found: readonly Measured[]) => found.map((r) => r[what]);
      pairs.push({ kind: 'peer', what, tokens, isSame, ours: of(a!), theirs: of(b!) });
    }
  }
  const content = (await ours.contentOf(PROMPT_TOKENS[1]))!;
  const runs = Object.values(SAMPLINGS).map((options) => () => ours.run(content, options));
  const [greedy, ...sampled] = await inTurn([() => ours.run(content, GREEDY), ...runs], rounds);
  for (const [i, what] of Object.keys(SAMPLINGS).entries()) {
    const perToken = (found: readonly Measured[]) => found.map((r) => r.perToken);
    pairs.push({
      ...{ kind: 'sampling', what, tokens: PROMPT_TOKENS[1] },
      ...{ ours: perToken(sampled[i]!), theirs: perToken(greedy!) },
    });
  }
  const [again, anew] = await inTurn([() => ours.begun(true), () => ours.begun(false)], rounds);
  pairs.push({
    ...{ kind: 'prefix', what: 'first', tokens: ours.prefixTokens() },
    ...{ ours: again!.map((r) => r.first), theirs: anew!.map((r) => r.first) },
  });
  await ours.close();
  pairs.push(...(await compareCaches(folder)));
  keepSpeed({ model: title, dtype: ours.model.dtype, pairs });
}

/** The folder, named after its sizes. */
async function writeSynthetic(sizes: (typeof SYNTHETIC)[number]): Promise<string> {
  const folder = `.cache/bench/random-${sizes.vocabSize}-${sizes.layers}`;
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const source = randomModel(sizes);
  for (const path of ['config.json', 'onnx/model_q4.onnx']) {
    writeFileSync(join(folder, path), (await source.read(path))!);
  }
  copyFileSync(join(TOKENIZER, 'tokenizer_config.json'), join(folder, 'tokenizer_config.json'));
  const tokenizer = JSON.parse(readFileSync(join(TOKENIZER, 'tokenizer.json'), 'utf8'));
  const { vocab } = tokenizer.model as { readonly vocab: Record<string, number> };
  // Tokens that nobody writes, so that each id has a text.
  for (let id = Object.keys(vocab).length; id < sizes.vocabSize; id++) vocab[`Ġw${id}`] = id;
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  return folder;
}

async function openTheirs(folder: string) {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const session_options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const generator = await pipeline('text-generation', basename(folder), { dtype: 'q4', session_options });
  return peerSide({ generator, TextStreamer }, cpuTime);
}

/** Milliseconds of CPU time: other work on the machine does not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
