/**
 * Generation against Transformers.js on the same file, in turn in one process or page, and against itself: sampling against greedy, a session that begins
 * with what another has read against one that reads it, a soft token against none and against the person in words. Writes docs/results/speed.json and .md.
 *
 *   npm run bench generate [-- <model folder> …]   Node
 *   --chromium       WASM in Chromium, ours with int8 weights
 *   --as-stored      with --chromium: ours with the file's own weights
 *   --same-int8      with --chromium: Transformers.js is given the same int8 weights
 *   --int8           Node, ours reads prompts with int8 weights
 *   --gguf FILE      with --chromium: wllama on the GGUF twin of the last model, too
 *   --gpu-calls      what a step asks of WebGPU, on a few layers of random weights
 *   --synthetic      Node, the large vocabularies of today's models on a few layers of random weights
 *   --page           makes the page of what was measured before
 *   --into FOLDER    writes there
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRuntime, loadModel, Personalizer } from '../src/node.ts';
import { generateInChromium, gpuCallsInChromium } from './generate-chromium.ts';
import { lookInside } from './generate-inside.ts';
import { GREEDY, IN_NODE, MANY, PARITY_TOKENS, PROMPT_TOKENS, SAMPLED, SAMPLINGS } from './generate-plan.ts';
import { tell } from './generate-ratio.ts';
import {
  type KeepSpeed,
  keepSpeedIn,
  noteMeasured,
  type Pair,
  type Parity,
  writeSpeedPage,
} from './generate-results.ts';
import {
  inTurn,
  isSameText,
  type Measured,
  ourSide,
  pairsOf,
  parityOf,
  peerSide,
  personaPairs,
} from './generate-sides.ts';
import { startsInNode } from './generate-start.ts';
import { randomModel } from './gpu/random-model.ts';
import { oneTokenProjector } from './one-token-projector.ts';
import { openPeer } from './transformers-peer.ts';
import { compareCaches } from './whole-cache.ts';

const FOLDERS = ['public/models/e2p-tiny', '../shared/models/smollm2-135m-instruct'];

/** As SmolLM2, Qwen 2.5 and Gemma 3 have. */
const SYNTHETIC = [
  { vocabSize: 49_152, layers: 6 },
  { vocabSize: 151_936, layers: 4 },
  { vocabSize: 262_144, layers: 2 },
] as const;
/** Few, since their heads are large. */
const SYNTHETIC_PROMPTS = [128, 512] as const;
/** For counting what a step asks of a GPU, which is computed on a CPU here: narrow. */
const COUNTED = {
  ...{ vocabSize: 49_152, layers: 2, hiddenSize: 128, intermediateSize: 256 },
  ...{ heads: 4, kvHeads: 2, headDim: 32 },
} as const;
/** Its tokenizer serves for them. */
const TOKENIZER = 'public/models/e2p-tiny';

export async function benchGenerate(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      chromium: { type: 'boolean', default: false },
      'as-stored': { type: 'boolean', default: false },
      'same-int8': { type: 'boolean', default: false },
      int8: { type: 'boolean', default: false },
      synthetic: { type: 'boolean', default: false },
      'gpu-calls': { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      gguf: { type: 'string' },
      into: { type: 'string', default: 'docs/results' },
    },
  });
  mkdirSync(values.into, { recursive: true });
  if (values.page) return writeSpeedPage(values.into);
  const keep: KeepSpeed = (run) => keepSpeedIn(values.into, run);
  if (values['gpu-calls']) return gpuCallsInChromium(await writeSynthetic(COUNTED), titleOf(COUNTED), keep);
  if (values.synthetic) {
    for (const sizes of SYNTHETIC) {
      await generateInNode(await writeSynthetic(sizes), keep, {
        title: titleOf(sizes),
        prompts: SYNTHETIC_PROMPTS,
      });
    }
    return;
  }
  const folders = positionals.length > 0 ? positionals : FOLDERS.filter((path) => existsSync(path));
  for (const folder of folders) {
    if (!values.chromium) await generateInNode(folder, keep, values.int8 ? { weights: 'int8' } : {});
    else {
      const gguf = folder === folders.at(-1) ? values.gguf : undefined;
      const weights = values['as-stored'] ? 'as-stored' : 'int8';
      await generateInChromium(folder, keep, { weights, gguf, isPeerInt8: values['same-int8'] });
    }
  }
}

interface Sizes {
  readonly vocabSize: number;
  readonly layers: number;
  readonly hiddenSize?: number;
}

const titleOf = ({ vocabSize, layers, hiddenSize }: Sizes) =>
  `random weights, V = ${vocabSize.toLocaleString('en')}, ${layers} layers${hiddenSize === undefined ? '' : ` of ${hiddenSize}`}`;

async function generateInNode(
  folder: string,
  keep: KeepSpeed,
  {
    title = basename(folder),
    prompts = PROMPT_TOKENS as readonly number[],
    weights = 'as-stored' as 'as-stored' | 'int8',
  } = {},
): Promise<void> {
  setFlagsFromString('--expose-gc');
  globalThis.gc = runInNewContext('gc');
  const measured = noteMeasured();
  const model = await loadModel({ model: folder, dtype: 'q4' });
  const projector = new Blob([await oneTokenProjector(model, createRuntime())]);
  const how = { model: folder, dtype: 'q4', projector, cpuWeights: weights } as const;
  const ours = ourSide(await Personalizer.create(how), cpuTime);
  if (ours.model.weights !== weights) throw new Error(`${ours.model.weights}, expected ${weights}`);
  const usual = (await ours.contentOf(PROMPT_TOKENS[1]))!;
  const pairs: Pair[] = [];
  // Ours against ours comes first: what the peer leaves behind makes garbage collections longer and more frequent.
  const runs = Object.values(SAMPLINGS).map((options) => () => ours.run(usual, options));
  const [greedy, ...sampled] = await inTurn([() => ours.run(usual, GREEDY), ...runs], SAMPLED);
  for (const [i, what] of Object.keys(SAMPLINGS).entries()) {
    const perToken = (found: readonly Measured[]) => found.map((r) => r.perToken);
    pairs.push({
      ...{ kind: 'sampling', what, tokens: PROMPT_TOKENS[1] },
      ...{ ours: perToken(sampled[i]!), theirs: perToken(greedy!) },
    });
  }
  const [again, anew] = await inTurn([() => ours.begun(true), () => ours.begun(false)], MANY);
  pairs.push({
    ...{ kind: 'prefix', what: 'first', tokens: ours.prefixTokens() },
    ...{ ours: again!.map((r) => r.first), theirs: anew!.map((r) => r.first) },
  });
  pairs.push(...(await personaPairs(ours, usual, MANY)));
  const theirs = peerSide(await openPeer(folder), cpuTime);
  const parity: Parity[] = [];
  for (const tokens of prompts) {
    const content = await ours.contentOf(tokens);
    if (content === undefined) continue;
    // They warm up, too.
    const own = await ours.run(content, { ...GREEDY, maxTokens: PARITY_TOKENS });
    parity.push(parityOf(tokens, own, await theirs(content, PARITY_TOKENS)));
    const [a, b] = await inTurn([() => ours.run(content, GREEDY), () => theirs(content)], IN_NODE);
    pairs.push(...pairsOf({ kind: 'peer', tokens, isSame: isSameText(a![0]!.ids, b![0]!.ids) }, a!, b!));
    tell(title, parity.at(-1)!, pairs.at(-1)!);
  }
  const isInt8 = weights === 'int8';
  // Of its two graphs the one that answers is the other section's.
  const inside = isInt8 ? {} : await lookInside(folder, ours.contentOf);
  await ours.close();
  if (!isInt8) pairs.push(...(await compareCaches(folder)));
  const starts = await startsInNode(folder, usual, weights);
  const about = { model: title, dtype: model.dtype, ...(isInt8 && { weights }) };
  keep({ ...about, measured: measured(), parity, pairs, starts, ...inside });
}

/** The folder, named after its sizes. */
async function writeSynthetic(sizes: Sizes): Promise<string> {
  const folder = `.cache/bench/random-${[sizes.vocabSize, sizes.layers, sizes.hiddenSize ?? []].flat().join('-')}`;
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

/** Milliseconds of CPU time: other work on the machine does not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
