/** What int8 weights cost a model in likelihood, as `docs/results/int8.json` keeps it, and the page that is made from it. */
import { bootstrapMean } from '../src/evaluate/index.ts';
import { interval, table } from './results-table.ts';

/** One text: nats in all, of so many tokens. */
export interface TextScore {
  readonly kind: 'dialogue' | 'documentation';
  readonly tokens: number;
  readonly stored: number;
  readonly int8: number;
  /** Tokens whose probability differs by more than a factor of e. */
  readonly apart: number;
  /** In Node: by floats, by the file's own weights and by int8; absent in what was measured before. */
  readonly node?: { readonly exact: number; readonly stored: number; readonly int8: number };
}

export interface Int8Results {
  readonly model: string;
  readonly chromium: string;
  readonly processor: string;
  /** Tokens of a text at most. */
  readonly window: number;
  /** Milliseconds until the files are there: at first, with the conversion, and again from OPFS. */
  readonly load: { readonly first: number; readonly again: number };
  readonly texts: readonly TextScore[];
}

export function int8Page({ model, chromium, processor, window, load, texts }: Int8Results): string {
  const kinds = ['dialogue', 'documentation'] as const;
  const rows = [...kinds, 'all' as const].map((kind) => {
    const some = texts.filter((text) => kind === 'all' || text.kind === kind);
    const sum = (of: (text: TextScore) => number) => some.reduce((total, text) => total + of(text), 0);
    const tokens = sum((t) => t.tokens);
    const difference = bootstrapMean(some.map((t) => (t.int8 - t.stored) / t.tokens));
    return [
      ...[kind, String(some.length), String(tokens)],
      (sum((t) => t.stored) / tokens).toFixed(4),
      (sum((t) => t.int8) / tokens).toFixed(4),
      interval(difference),
      `${((100 * sum((t) => t.apart)) / tokens).toFixed(1)} %`,
    ];
  });
  const inNode = (['stored', 'int8'] as const).flatMap((way) => {
    const some = texts.filter(({ node }) => node !== undefined);
    const tokens = some.reduce((sum, text) => sum + text.tokens, 0);
    const sum = (of: 'exact' | typeof way) => some.reduce((total, { node }) => total + node![of], 0) / tokens;
    const difference = () => bootstrapMean(some.map((t) => (t.node![way] - t.node!.exact) / t.tokens));
    const name = way === 'stored' ? 'as stored, activations in int8 as the file asks for' : 'int8';
    return some.length === 0
      ? []
      : [[name, sum('exact').toFixed(4), sum(way).toFixed(4), interval(difference())]];
  });
  const ofNode =
    inNode.length === 0
      ? ''
      : `
In Node, where the file's own weights take activations in int8 too (one scale for each block of 32), the same texts, against floats:

${table(['weights', 'floats', 'so', 'difference'], inNode)}
`;
  return `# What int8 weights change

Made by \`npm run bench int8\` in Chromium ${chromium}, ${processor}. ${model}, its q4 file in WASM: with its weights as they are stored, which
WASM computes in float32, and as int8: columns turned in blocks of 64, one scale for each row of a weight and for each token (\`src/onnx/int8-weights.ts\`). Negative log-likelihood in nats per token of the first ${window} tokens of texts that are
not the model's own: dialogues of Synthetic-Persona-Chat and pages of this documentation. The difference is int8 − as stored, a mean over the texts with a bootstrap 95 % interval.

${table(['texts', 'count', 'tokens', 'as stored', 'int8', 'difference', 'tokens more than 1 nat apart'], rows)}
${ofNode}
The files were there, the conversion included, after ${(load.first / 1000).toFixed(1)} s from a server on the same machine; again, from OPFS, after ${(load.again / 1000).toFixed(1)} s.
`;
}
