/** What int8 weights cost a model in likelihood, as `docs/results/int8.json` keeps it, and the page that is made from it. */
import { bootstrapMean } from '../src/evaluate/index.ts';
import { interval, table } from './results-table.ts';

const KINDS = ['dialogue', 'documentation'] as const;
type TextKind = (typeof KINDS)[number];

/** What is scored. */
export interface Text {
  readonly kind: TextKind;
  readonly text: string;
}

interface Measured {
  readonly model: string;
  readonly processor: string;
  /** Tokens of a text at most. */
  readonly window: number;
}

/** Nats in all, of so many tokens. */
export interface TextScore {
  readonly kind: TextKind;
  readonly tokens: number;
  readonly stored: number;
  readonly int8: number;
}

export interface Int8InChromium extends Measured {
  readonly chromium: string;
  /** Milliseconds until the files are there: at first, with the conversion, and again from OPFS. */
  readonly load: { readonly first: number; readonly again: number };
  /** `apart`: tokens whose probability differs by more than a factor of e. */
  readonly texts: readonly (TextScore & { readonly apart: number })[];
}

/** Of one product. */
export interface KernelTime {
  readonly name: string;
  readonly ms: number;
}

/** The greedy answer behind one prompt, against that with the file's own weights. */
export interface GreedyPrompt {
  readonly text: string;
  readonly tokens: number;
  /** Tokens of the file's own answer. */
  readonly of: number;
  /** Between the first and the second logit, where they are closest in it. */
  readonly closest: number;
  /** CPU time of the prompt, milliseconds. */
  readonly storedMs: number;
  readonly ways: readonly {
    readonly name: string;
    /** Tokens that are the same, from the first on. */
    readonly same: number;
    /** As in the answer by floats. */
    readonly asFloats: number;
    /** Largest difference of a logit of the first. */
    readonly apart: number;
    readonly ms: number;
  }[];
}

export interface Int8InNode extends Measured {
  readonly texts: readonly (TextScore & { readonly exact: number })[];
  readonly prompts: readonly GreedyPrompt[];
  readonly kernels: readonly KernelTime[];
}

/** Each is measured by a run of its own. */
export interface Int8Results {
  readonly chromium?: Int8InChromium;
  readonly node?: Int8InNode;
}

export const nats = (scores: Iterable<number>): number =>
  Number([...scores].reduce((sum, score) => sum - score, 0).toFixed(3));

const kindsIn = <Text extends TextScore>(texts: readonly Text[]) =>
  [...KINDS, 'all' as const].map((kind) => {
    const some = texts.filter((text) => kind === 'all' || text.kind === kind);
    const sum = (of: (text: Text) => number) => some.reduce((total, text) => total + of(text), 0);
    const tokens = sum((t) => t.tokens);
    const mean = (of: (text: Text) => number) => (sum(of) / tokens).toFixed(4);
    const between = (of: (text: Text) => number) =>
      interval(bootstrapMean(some.map((t) => of(t) / t.tokens)));
    return { name: [kind, String(some.length), String(tokens)], sum, tokens, mean, between };
  });

export const int8Page = ({ chromium, node }: Int8Results): string => `# What int8 weights change

Negative log-likelihood in nats per token of the first tokens of texts that are not the model's own: dialogues of Synthetic-Persona-Chat and pages of this
documentation. A difference is a mean over the texts with a bootstrap 95 % interval. int8: columns turned in blocks of 64, one scale for each row of a weight and for each token (\`src/onnx/int8-weights.ts\`).
${chromium === undefined ? '' : chromiumSection(chromium)}${node === undefined ? '' : nodeSection(node)}`;

function chromiumSection({ chromium, processor, model, window, texts, load }: Int8InChromium): string {
  const rows = kindsIn(texts).map(({ name, sum, tokens, mean, between }) => [
    ...[...name, mean((t) => t.stored), mean((t) => t.int8), between((t) => t.int8 - t.stored)],
    `${((100 * sum((t) => t.apart)) / tokens).toFixed(1)} %`,
  ]);
  return `
## In WASM

Made by \`npm run bench int8 -- --chromium\` in Chromium ${chromium}, ${processor}. ${model}, its q4 file: with its weights as they are stored, which
WASM computes in float32, and as int8; the first ${window} tokens of each text.

${table(['texts', 'count', 'tokens', 'as stored', 'int8', 'int8 − as stored', 'tokens more than 1 nat apart'], rows)}

The files were there, the conversion included, after ${(load.first / 1000).toFixed(1)} s from a server on the same machine; again, from OPFS, after ${(load.again / 1000).toFixed(1)} s.
`;
}

function nodeSection({ processor, model, window, texts, prompts, kernels }: Int8InNode): string {
  const rows = kindsIn(texts).map(({ name, mean, between }) => [
    ...[...name, mean((t) => t.exact), mean((t) => t.stored), mean((t) => t.int8)],
    ...[
      between((t) => t.stored - t.exact),
      between((t) => t.int8 - t.exact),
      between((t) => t.int8 - t.stored),
    ],
  ]);
  const slowest = kernels.find(({ name }) => name.includes('`accuracy_level` 4'))?.ms ?? 0;
  return `
## In Node

Made by \`npm run bench int8\`, ${processor}. ${model}, its q4 file, one thread, the first ${window} tokens of each text: by floats; by the file's own weights, with
activations in int8 (one scale for each block of 32) where the file asks for it (\`accuracy_level\` 4), as onnxruntime and Transformers.js compute; and as \`cpuWeights: 'int8'\` reads prompts.

${table(['texts', 'count', 'tokens', 'floats', 'as stored', 'int8', 'as stored − floats', 'int8 − floats', 'int8 − as stored'], rows)}

${prompts.length === 0 ? '' : answersPart(prompts)}What a product of the size of a feed-forward layer costs by how its weights are kept (128 tokens, CPU time, the least of several rounds):

${table(
  ['kernel', 'ms', 'against the file’s'],
  kernels.map(({ name, ms }) => [name, ms.toFixed(2), `${(slowest / ms).toFixed(2)}×`]),
)}
`;
}

function answersPart(prompts: readonly GreedyPrompt[]): string {
  const names = prompts[0]!.ways.map(({ name }) => name);
  const answers = prompts.map(({ text, tokens, of, closest, ways }) => [
    ...[text, String(tokens), closest.toFixed(2)],
    ...ways.map(({ same, apart }) => `${same} of ${of} (${apart.toFixed(2)})`),
  ]);
  const inFloats = names.slice(1).map((name, i) => {
    const same = prompts.map(({ ways }) => ways[i + 1]!.asFloats);
    return `${name} ${same.join(', ')} tokens`;
  });
  const faster = names.map((name, i) => {
    const ratios = prompts.map(({ storedMs, ways }) => storedMs / ways[i]!.ms).sort((a, b) => a - b);
    return `${name} ${ratios[Math.floor(ratios.length / 2)]!.toFixed(2)}`;
  });
  return `Greedy answers, against those by the file's own weights: how many of their tokens are the same from the first on, and, in brackets, the largest difference of a logit of the first token. *Closest*: the difference between
the highest and the second logit where it is least in the file's own answer. *Floats* is the file's own weights without rounding; *cut at 64* the file's own, the prompt read in pieces of 64 tokens.

${table(['prompt', 'tokens', 'closest', ...names], answers)}

The same against the answers by floats: ${inFloats.join('; ')}.

CPU time of the prompt by the file's own weights, divided by that of each way, the median over the prompts: ${faster.join('; ')}. One run each, so these are rough.

`;
}
