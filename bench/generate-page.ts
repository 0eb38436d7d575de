/** The page of `npm run bench generate`, made of its JSON alone. */
import { MAX_TOKENS, PARITY_TOKENS, PERSONA_TOKENS } from './generate-plan.ts';
import { profileTable } from './generate-profile-table.ts';
import { median, ratioOf, shown } from './generate-ratio.ts';
import type { Pair, SpeedResults, SpeedRun, Start, StepCost } from './generate-results.ts';
import { type Verdict, verdictsOf } from './generate-targets.ts';
import { table } from './results-table.ts';

const NAMES: Readonly<Record<string, string>> = {
  first: 'first token',
  perToken: 'each further token',
  total: `all ${MAX_TOKENS} tokens`,
};

export function speedPage({ node, processor, runs }: SpeedResults): string {
  return `# How fast it generates

Made by \`npm run bench generate\` in Node ${node}, ${processor}; onnxruntime-node with one thread, Transformers.js 4.3.1 on the same file and onnxruntime in the same
process, round by round in turn, the first round not counted. Milliseconds are CPU time, medians over the rounds; ratios are geometric means over the rounds with a bootstrap 95 % interval. Transformers.js gets
the same chat by its pipeline; what is compared within this library is measured before it is loaded, since its garbage is collected in whatever runs next. Sections of Chromium, by \`npm run bench generate -- --chromium\`, say what differs there. Random weights (\`-- --synthetic\`) say nothing of texts, but what a large vocabulary costs; their probabilities are nearly flat, which is the worst case for sampling. Each section says at which commit it was measured, when, and how busy the machine was: over the minute before it, and over its last five minutes, in which one is its own. Not measured here: times on GPUs ([gpu](gpu.md)), other browsers.

## What was aimed at

Ratios are as in the tables below; a target is met or missed by the mean; it says so where the interval reaches what is missed.

${targetTable(runs.flatMap(verdictsOf))}

${runs.map(section).join('\n\n')}
`;
}

const targetTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['model', 'target', 'must', 'aim', 'measured', 'must, or where there is none, aim'],
    verdicts.map(({ run, what, must, aim, found, isMet, isOpen }) => [
      titleOf(run),
      ...[what, must ?? '', aim ?? '', found],
      isMet
        ? 'met'
        : `${must === undefined ? 'missed' : '**missed**'}${isOpen ? ', by less than the interval' : ''}`,
    ]),
  );

function section(run: SpeedRun): string {
  const { parity, measured, starts = [], steps = [], profiles = [] } = run;
  const of = (kind: Pair['kind']) => run.pairs.filter((pair) => pair.kind === kind);
  const missed = verdictsOf(run).filter(({ must, isMet }) => must !== undefined && !isMet);
  const parts = [
    [
      `Measured at ${measured.commit}, ${measured.date}${measured.load.length > 0 ? `, load of the machine ${measured.load.map((l) => l.toFixed(1)).join(' and ')}` : ''}.${measured.isCollected ? ' Garbage was collected before each answer, so that what one leaves behind is not in the time of the next.' : ''}`,
      run.where?.includes('WASM') && aboutPage(run),
      run.where === undefined &&
        run.weights === 'int8' &&
        "Ours reads prompts with weights that were turned into int8 before ([what that changes](int8.md)), and writes with the file's own; theirs has the same q4 file.",
      parity &&
        `Greedy tokens that are Transformers.js' own, from the first on: ${parity.map(({ tokens, same, of }) => `${same} of ${of} behind ${tokens}`).join(', ')}${parity.some(({ of }) => of < PARITY_TOKENS) ? ` (fewer than ${PARITY_TOKENS} where the answer ends before)` : ''}.`,
    ]
      .filter(Boolean)
      .join(' '),
    peerTable(of('peer')),
    pairTable(of('sampling'), {
      title: 'Sampling against greedy, each further token:',
      head: ['sampling', 'prompt tokens', 'rounds', 'sampled, ms', 'greedy, ms', 'greedy / sampled'],
      begin: ({ what, tokens }) => [what, String(tokens)],
    }),
    pairTable(of('cache'), {
      title:
        'A token behind a context, where the graph hands out the new rows of its cache and where it hands out the whole ([how](../models.md#how-the-cache-is-kept)); rounds are tokens:',
      head: ['context', 'same ids', 'rounds', 'new rows, ms', 'whole, ms', 'whole / new rows'],
      begin: ({ tokens, isSame }) => [String(tokens), isSame ? 'yes' : 'no'],
    }),
    pairTable(of('prefix'), {
      title:
        'The first token of a session whose system prompt another session has read, against one that reads it:',
      head: ['prompt tokens kept', 'rounds', 'kept, ms', 'read, ms', 'read / kept'],
      begin: ({ tokens }) => [String(tokens)],
    }),
    pairTable(of('persona'), {
      title: `What personalisation costs: the first token with one soft token, against none and against a person described in words (some ${PERSONA_TOKENS} tokens in front of the question):`,
      head: [
        ...['against', 'prompt tokens with the soft token', 'tokens fewer', 'rounds', 'soft token, ms'],
        ...['other, ms', 'other / soft token'],
      ],
      begin: ({ what, tokens, fewer }) => [what, String(tokens), String(fewer).replace('-', '−')],
    }),
    pairTable(of('wllama'), {
      title:
        'Against wllama 3.13.0 (llama.cpp in WASM, one thread, no GPU, without its flash attention, which gave wrong texts here) in the same page, on the GGUF file (Q4_1) whose weights the ONNX file was made of; its texts differ where other rounding of weights makes them:',
      head: ['prompt tokens, at least', 'what', 'rounds', 'ours, ms', 'wllama, ms', 'wllama / ours'],
      begin: ({ what, tokens }) => [String(tokens), NAMES[what]!],
    }),
    startTable(run, starts),
    stepTable(steps),
    missed.length > 0 && profiles.length > 0
      ? `A target is missed above (${missed.map(({ what }) => what).join('; ')}). Where the time goes, by onnxruntime's own record, which slows it down: milliseconds by operator.\n\n${profileTable(profiles)}${missed.some(({ what }) => what.startsWith('first token behind 512')) ? KERNELS : ''}`
      : '',
  ];
  return [`## ${titleOf(run)}`, ...parts.filter((part) => part !== '')].join('\n\n');
}

/** Behind a profile of a prompt. */
const KERNELS =
  '\n\nBoth sides multiply with the same kernel. What others cost, and what they change, is [measured apart](int8.md#in-node).';

function peerTable(pairs: readonly Pair[]): string {
  return pairTable(pairs, {
    title: 'Against Transformers.js, greedy:',
    head: [
      ...['prompt tokens, at least', 'what', 'same ids', 'rounds', 'ours, ms', 'theirs, ms'],
      'theirs / ours',
    ],
    begin: ({ tokens, what, isSame }) => [String(tokens), NAMES[what]!, isSame ? 'yes' : 'no'],
  });
}

function pairTable(
  pairs: readonly Pair[],
  {
    title,
    head,
    begin,
  }: {
    readonly title: string;
    readonly head: readonly string[];
    readonly begin: (pair: Pair) => readonly string[];
  },
): string {
  if (pairs.length === 0) return '';
  const rows = pairs.map((pair) => [
    ...begin(pair),
    String(pair.ours.length),
    ...[median(pair.ours).toFixed(1), median(pair.theirs).toFixed(1), shown(ratioOf(pair))],
  ]);
  return `${title}\n\n${table(head, rows)}`;
}

function startTable({ where }: SpeedRun, starts: readonly Start[]): string {
  if (starts.length === 0) return '';
  const about =
    where === undefined
      ? `From a process that has nothing in memory, files in the system's cache, to the first token behind 128; wall time. Memory: at the most, above the process with its modules loaded, ${MAX_TOKENS} tokens later. There is no self test of a CPU for these files.`
      : `From a page in a browser that was started anew, modules loaded, to the first token behind 16; wall time. Ours has its files in OPFS, weights as int8 among them; Transformers.js its in the browser's cache. Ours starts two workers, one of them in a frame, and checks what the files are; theirs runs on the page's thread. Memory: of the renderer processes at the most, ${MAX_TOKENS} tokens later, above what they had before; a process that began since counts as a whole. There is no self test of a CPU for these files.`;
  const rows = starts.flatMap(({ who, phases, peak }) => {
    const each = Object.entries(phases).map(([name, ms]) => [who, name, median(ms).toFixed(), '']);
    const totals = peak.map((_, i) => Object.values(phases).reduce((all, ms) => all + ms[i]!, 0));
    const held = `${Math.round(median(peak) / 1e6)} MB`;
    return [...each, [who, `all (${totals.length} rounds)`, median(totals).toFixed(), held]];
  });
  return `${about}\n\n${table(['whose', 'phase', 'ms', 'memory at the most'], rows)}`;
}

function stepTable(steps: readonly StepCost[]): string {
  if (steps.length === 0) return '';
  const number = (value: number | undefined) => (value === undefined ? '' : value.toLocaleString('en'));
  if (steps[0]!.calls === undefined) {
    const rows = steps.map(({ who, context, logits, cache }) => [
      ...[who, number(context), number(logits), number(cache)],
    ]);
    return `What the graph hands out at each step, in memory that is the same for both sides of the call:\n\n${table(['whose', 'context', 'bytes of logits', 'bytes of the cache'], rows)}`;
  }
  const rows = steps.map(({ who, way, calls }) => [
    ...[who, way ?? ''],
    ...(['bytesRead', 'bindGroups', 'buffers', 'writes', 'passes', 'submits'] as const).map((name) =>
      number(Math.round(10 * calls![name]) / 10),
    ),
  ]);
  return `What a step asks of WebGPU, counted on a page's main thread; counts do not depend on the device:\n\n${table(['whose', 'steps are', 'bytes read back', 'bind groups', 'buffers made', 'buffers written', 'passes', 'submits'], rows)}`;
}

const titleOf = ({ model, dtype, where, weights, peerWeights }: SpeedRun): string =>
  [
    `${model}, ${dtype}`,
    where,
    weights === 'int8'
      ? `${peerWeights === undefined ? 'ours' : 'both'} with int8 weights`
      : where?.includes('WASM') && 'weights as stored',
  ]
    .filter((part) => part)
    .join('; ');

/** What is otherwise in a page. */
function aboutPage({ weights, peerWeights }: SpeedRun): string {
  const about =
    'Wall time in a page, one thread, nothing before the first round but the tokens that are compared. Transformers.js was given the build of onnxruntime-web that has every kernel (`onnxruntime-web/wasm`).';
  if (peerWeights === 'int8')
    return `${about} Both have the int8 weights that ours makes of the q4 file ([how](int8.md)): theirs as a model of its own with the same products, so that the ids are the same as far as rounding allows.`;
  return weights === 'int8'
    ? `${about} The same q4 file for both: ours has turned its weights into int8 before ([what that changes](int8.md)), so its ids may differ.`
    : about;
}
