/**
 * What each choice of the projector is worth, on the default model and its synthetic readers: number of soft tokens, layers, slot, noise and
 * prefix dropout, quality of the embedding, interests that change. `npm run bench ablate [-- --seeds 2] [--steps 300]`
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { EvaluationReport } from '../src/evaluate/index.ts';
import { intervalPlot } from '../src/evaluate/interval-plot.ts';
import { WORLD_SEED } from '../tools/default/default-setup.ts';
import { embeddingOf, embedReaders } from '../tools/world/embed.ts';
import { seededRandom } from '../tools/world/random.ts';
import { buildWorld } from '../tools/world/world.ts';
import { asked, changedClicks, foldedIn, readersAsPeople, someClicks, type Views } from './ablate/readers.ts';
import { commandOf, writeResults } from './results.ts';
import { interval, table } from './results-table.ts';
import { openStudy, type People, type Variant } from './study.ts';

const PAGE = 'ablations';
const MODEL = 'public/models/e2p-tiny';
const [TRAIN_PER_TASK, TEST_PER_TASK] = [3200, 400];
const PLACEHOLDER = '<|reader|>';
const DIMS = [4, 8, 16];
const EVENTS = [1, 3, 10, 30, 100];
const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 1];
/** Parts of a reader's clicks, each a user of its own. */
const PARTS = 3;

interface Row extends Omit<Variant, 'train'> {
  readonly label: string;
  /** Where the people are not the study's own. */
  readonly people?: { readonly train: People; readonly test: People };
}

export async function benchAblate(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: { type: 'string', default: '2' }, steps: { type: 'string', default: '300' } },
  });
  const world = buildWorld({ seed: WORLD_SEED });
  const embeddings = embedReaders(world);
  const people = (views: Views, ask = asked) => {
    const of = (split: 'train' | 'test') =>
      readersAsPeople({
        ...{ world, split, views, ask },
        perTask: split === 'train' ? TRAIN_PER_TASK : TEST_PER_TASK,
      });
    return { train: of('train'), test: of('test') };
  };
  const testOf = (views: Views) => readersAsPeople({ world, split: 'test', perTask: TEST_PER_TASK, views });
  const whole: Views = ({ index }) => [embeddingOf(embeddings, index)];
  const own = people(whole);
  const refitted = (dim: number): Views => {
    const fewer = embedReaders(world, { dim });
    return ({ index }) => [embeddingOf(fewer, index)];
  };
  const random = seededRandom(WORLD_SEED, 'ablate');
  const clicksOf = ({ index }: { readonly index: number }) => world.clicks[index]!;
  const inParts: Views = (reader) =>
    Array.from({ length: PARTS }, () => {
      // As many of one size as of ten times that.
      const count = Math.round(clicksOf(reader).length ** random.next());
      return foldedIn(embeddings, someClicks(clicksOf(reader), count, random));
    });

  const base: Row = { name: 'base', label: 'K = 1, MLP, after BOS, noise 0.1, dropout 0.1', flags: [] };
  const slot = (name: string, label: string, ask: Parameters<typeof people>[1]): Row => ({
    ...{ name, label, flags: ['--slot', PLACEHOLDER], people: people(whole, ask) },
  });
  const sections: readonly {
    readonly name: string;
    readonly title: string;
    readonly rows: readonly Row[];
  }[] = [
    {
      ...{ name: 'tokens', title: 'Number of soft tokens' },
      rows: [
        base,
        ...[2, 4, 8].map((k): Row => ({ name: `k${k}`, label: `K = ${k}`, flags: ['--tokens', `${k}`] })),
      ],
    },
    {
      ...{ name: 'layers', title: 'Layers' },
      rows: [
        { name: 'linear', label: 'linear', flags: ['--hidden', '0'] },
        { name: 'h32', label: 'MLP, 32 wide', flags: ['--hidden', '32'] },
        { ...base, label: 'MLP, 128 wide (default)' },
        { name: 'h512', label: 'MLP, 512 wide', flags: ['--hidden', '512'] },
      ],
    },
    {
      ...{ name: 'slot', title: 'Slot' },
      rows: [
        { ...base, label: 'after BOS (default)' },
        slot('system', 'as the system message', (prompt) => [
          { role: 'system', content: PLACEHOLDER },
          ...asked(prompt),
        ]),
        slot('front', 'at the beginning of the prompt', (prompt) => asked(`${PLACEHOLDER}${prompt}`)),
        slot('end', 'at the end of the prompt', (prompt) => asked(`${prompt}${PLACEHOLDER}`)),
      ],
    },
    {
      ...{ name: 'noise', title: 'Noise and prefix dropout' },
      rows: [
        { name: 'bare', label: 'neither', flags: ['--noise', '0', '--prefix-dropout', '0'] },
        { name: 'noise0', label: 'dropout 0.1 alone', flags: ['--noise', '0'] },
        { name: 'dropout0', label: 'noise 0.1 alone', flags: ['--prefix-dropout', '0'] },
        { ...base, label: 'noise 0.1, dropout 0.1 (default)' },
        { name: 'noise05', label: 'noise 0.5, dropout 0.1', flags: ['--noise', '0.5'] },
        { name: 'dropout03', label: 'noise 0.1, dropout 0.3', flags: ['--prefix-dropout', '0.3'] },
      ],
    },
    {
      ...{ name: 'dimensions', title: 'Fewer dimensions' },
      rows: [
        ...DIMS.map((dim): Row => {
          const cut: Views = ({ index }) => [embeddingOf(embeddings, index).slice(0, dim)];
          return { name: `cut${dim}`, label: `the first ${dim} of 32`, flags: [], people: people(cut) };
        }),
        ...DIMS.map(
          (dim): Row => ({
            ...{ name: `refit${dim}`, label: `factorised anew in ${dim}`, flags: [] },
            people: people(refitted(dim)),
          }),
        ),
        { ...base, label: 'all 32 (default)' },
      ],
    },
  ];
  const parts: Row = { name: 'parts', label: 'trained on parts', flags: [], people: people(inParts) };

  const study = openStudy({
    ...{ folder: '.cache/ablate', model: MODEL, ...own },
    seeds: Array.from({ length: Number(values.seeds) }, (_, i) => i + 1),
    // One pass over the examples, the same for all.
    recipe: ['--steps', values.steps, '--batch', '32', '--held-out', '0', '--space', 'readers'],
    evaluation: ['--shuffles', '2', '--ranked', '0', '--generated', '0', '--batch', '32'],
  });
  const rows = [
    ...new Map([...sections.flatMap((s) => s.rows), parts].map((row) => [row.name, row])).values(),
  ];
  const files = await study.train([
    ...rows.map(({ name, flags, people: others }) => ({
      ...{ name, flags },
      ...(others && { train: others.train }),
    })),
    { name: 'constant', flags: ['--constant'] },
  ]);
  const reports = await study.evaluate([
    ...rows.map(({ name, people: others }) => ({
      ...{ name, projectors: files.get(name)! },
      ...(name === 'base' && { constants: files.get('constant')! }),
      conditions:
        name === 'base'
          ? (['none', 'constant', 'mean', 'shuffled', 'true', 'text'] as const)
          : (['none', 'shuffled', 'true'] as const),
      ...(others && name !== 'parts' && { test: others.test }),
    })),
    ...EVENTS.flatMap((count) => {
      const few = testOf((reader) => [foldedIn(embeddings, someClicks(clicksOf(reader), count, random))]);
      return [base, parts].map(({ name }) => gainOf(`${name}-events${count}`, files.get(name)!, few));
    }),
    ...SHARES.flatMap((share) => {
      const changed = testOf((reader) => [foldedIn(embeddings, changedClicks(world, reader, share, random))]);
      return DRIFTING.map(([name]) => gainOf(`${name}-since${share}`, files.get(name)!, changed));
    }),
  ]);
  const gain = (name: string) => reports.get(name)!.conditions.none!.minusTrue!;

  const blocks = sections.map(({ name, title, rows: own }) => {
    const shown = own.map((row) => ({ name: row.label, ...gain(row.name) }));
    const lines = own.map(({ name: of, label }) => variantLine(label, reports.get(of)!));
    return `### ${title}\n\n${table(VARIANT_HEAD, lines)}\n\n${figure(name, title, shown)}`;
  });
  const eventRows = [...EVENTS.map((n) => [`${n}`, `-events${n}`]), ['all (60 to 250)', '']] as const;
  const text = reports.get('base')!.conditions;
  writeResults(
    PAGE,
    'ablate',
    `# What each choice is worth

Made by \`${commandOf('ablate', args)}\` on the default model and its synthetic world (${MODEL}, q4, onnxruntime-node): ${values.steps} steps of 32 with \`e2p train\`, all other settings at their
defaults, ${own.train.examples.length} examples of ${own.train.users.rows.size} readers, seen once, ${values.seeds} training seeds; ${own.test.examples.length} examples of ${own.test.users.rows.size} other readers, other stories. The default
projector is trained for 2,000 steps: figures here are below [its own](default.md). Gain = nats per target token of *no soft token* minus those of the true user: more is better. 95 % intervals over readers and training seeds, paired
within readers; two rows whose gains differ by less than the seeds of one row do are not told apart. Everything is synthetic.

For comparison, the first row's controls: ${(['constant', 'mean', 'shuffled', 'text'] as const)
      .map((c) => `${c} − true ${interval(text[c]!.minusTrue!)}`)
      .join(', ')}.

${blocks.join('\n\n')}

### Events of a person

The same projectors, each reader's embedding folded in from some clicks alone. *Trained on parts*: the same budget, each training reader as ${PARTS} users, each with a part of the clicks, from one to all.

${table(
  ['clicks', 'gain, trained on whole histories', 'gain, trained on parts'],
  eventRows.map(([label, end]) => [label, interval(gain(`base${end}`)), interval(gain(`parts${end}`))]),
)}

${figure('events', 'Gain by number of clicks', [
  ...eventRows.map(([label, end]) => ({ name: `${label}, whole`, ...gain(`base${end}`) })),
  ...eventRows.map(([label, end]) => ({ name: `${label}, parts`, ...gain(`parts${end}`) })),
])}

### Interests that change

A reader's interests have become others (those of another reader); texts follow the new ones. Of the clicks that the embedding is folded in from, a share was made since. At 0 % the embedding is wholly out of date.

${table(
  ['clicks since the change', ...DRIFTING.map(([, label]) => label)],
  SHARES.map((share) => [
    `${Math.round(100 * share)} %`,
    ...DRIFTING.map(([name]) => interval(gain(`${name}-since${share}`), 3)),
  ]),
)}

${figure(
  'drift',
  'Gain by share of clicks since the change',
  SHARES.map((share) => ({ name: `${Math.round(100 * share)} % since`, ...gain(`base-since${share}`) })),
)}

Not measured here: other worlds, other base models, a soft token before BOS, more seeds. Real people: [movielens](movielens.md).`,
  );
}

/** Projectors that interests change under. */
const DRIFTING = [
  ['base', 'gain (default)'],
  ['bare', 'without noise and dropout'],
  ['noise05', 'noise 0.5'],
  ['dropout03', 'dropout 0.3'],
] as const;

const gainOf = (name: string, projectors: readonly string[], test: People) => ({
  ...{ name, projectors, test },
  conditions: ['none', 'true'] as const,
});

const VARIANT_HEAD = ['', 'true, nats per token', 'gain over none', 'by training seed', 'shuffled − true'];

function variantLine(
  label: string,
  { conditions: { true: own, none, shuffled } }: EvaluationReport,
): string[] {
  return [
    ...[label, own!.nll.mean.toFixed(4), interval(none!.minusTrue!)],
    none!.minusTrueBySeed!.map((v) => v.toFixed(4)).join(', '),
    interval(shuffled!.minusTrue!),
  ];
}

/** Writes the plot beside the page. */
function figure(name: string, label: string, rows: Parameters<typeof intervalPlot>[0]): string {
  const file = `${PAGE}-${name}.svg`;
  const caption = 'gain over no soft token, nats per target token, 95 % interval';
  writeFileSync(`docs/results/${file}`, `${intervalPlot(rows, { label, caption })}\n`);
  return `![${label}](${file})`;
}
