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
  return `# What int8 weights change

Made by \`npm run bench int8\` in Chromium ${chromium}, ${processor}. ${model}, its q4 file in WASM: with its weights as they are stored, which
WASM computes in float32, and as int8: columns turned in blocks of 64, one scale for each row of a weight and for each token (\`src/onnx/int8-weights.ts\`). Negative log-likelihood in nats per token of the first ${window} tokens of texts that are
not the model's own: dialogues of Synthetic-Persona-Chat and pages of this documentation. The difference is int8 − as stored, a mean over the texts with a bootstrap 95 % interval.

${table(['texts', 'count', 'tokens', 'as stored', 'int8', 'difference', 'tokens more than 1 nat apart'], rows)}

The files were there, the conversion included, after ${(load.first / 1000).toFixed(1)} s from a server on the same machine; again, from OPFS, after ${(load.again / 1000).toFixed(1)} s.
`;
}
