/** Inside of onnxruntime in Node, ours and theirs alike: what each step hands out, and which operators the time goes to, by onnxruntime's own record. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { Personalizer } from '../src/node.ts';
import { GREEDY_TOKENS } from './generate-plan.ts';
import type { Profile, StepCost, Who } from './generate-results.ts';
import { type Measured, ourSide, peerSide } from './generate-sides.ts';
import { openPeer } from './transformers-peer.ts';

const PREFILL = 512;
const CONTEXT = 1024;
const STEPS = GREEDY_TOKENS - 1;

type Answers = (content: string, maxTokens: number) => Promise<Measured>;

/** @param contentOf words of so many tokens; undefined where the model can't read as many */
export async function lookInside(
  folder: string,
  contentOf: (tokens: number) => Promise<string | undefined>,
): Promise<{ readonly steps: readonly StepCost[]; readonly profiles: readonly Profile[] }> {
  const now = () => performance.now();
  const ours = async (): Promise<Answers> => {
    const side = ourSide(await Personalizer.create({ model: folder, dtype: 'q4' }), now);
    return (content, maxTokens) => side.run(content, { temperature: 0, promptLookup: false, maxTokens });
  };
  const theirs = async (): Promise<Answers> => peerSide(await openPeer(folder), now);
  const context = (await contentOf(CONTEXT)) === undefined ? 128 : CONTEXT;
  const long = (await contentOf(context))!;
  const short = await contentOf(PREFILL);
  const found = [];
  for (const [who, open] of [
    ['ours', ours],
    ['theirs', theirs],
  ] as const) {
    found.push(await watch(who, open, { long, context, short }));
  }
  return {
    steps: found.map(({ step }) => step),
    profiles: found.flatMap(({ profiles }) => profiles),
  };
}

interface Texts {
  readonly long: string;
  readonly context: number;
  readonly short: string | undefined;
}

async function watch(who: Who, open: () => Promise<Answers>, { long, context, short }: Texts) {
  const folder = mkdtempSync(join(tmpdir(), 'e2p-profile-'));
  try {
    const { answer, session, runs } = await openWatched(folder, open);
    // Once before, which does not count.
    await answer(long, 2);
    const from = runs.length;
    const prefill = short === undefined ? undefined : await answer(short, 1);
    const decodeFrom = runs.length;
    const decode = await answer(long, GREEDY_TOKENS);
    session.endProfiling();
    const events = readEvents(folder);
    const step = runs.at(-1)!;
    return {
      step: { who, context, ...step },
      profiles: [
        ...(prefill === undefined
          ? []
          : [profileOf(events, who, `a prompt of ${PREFILL} tokens`, from, decodeFrom, 1, prefill.first)]),
        profileOf(
          ...([events, who, `a token behind ${context.toLocaleString('en')}`] as const),
          ...([runs.length - STEPS, runs.length, STEPS, decode.perToken * STEPS] as const),
        ),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The session of what `open` opens, which writes its record into the folder, and bytes that each of its runs has handed out. */
async function openWatched(folder: string, open: () => Promise<Answers>) {
  const { create } = InferenceSession;
  const runs: { logits: number; cache: number }[] = [];
  const watched: InferenceSession[] = [];
  InferenceSession.create = (async (model: Uint8Array, options: InferenceSession.SessionOptions) => {
    const prefix = join(folder, String(watched.length));
    const session = await create.call(InferenceSession, model, {
      ...{ ...options, enableProfiling: true, profileFilePrefix: prefix },
    });
    const run = session.run.bind(session) as (...args: unknown[]) => Promise<Record<string, Tensor>>;
    session.run = (async (...args: unknown[]) => {
      const outputs = await run(...args);
      const bytes = (isLogits: boolean) =>
        Object.entries(outputs).reduce(
          (all, [name, { data }]) =>
            all + ((name === 'logits') === isLogits ? (data as Float32Array).byteLength : 0),
          0,
        );
      runs.push({ logits: bytes(true), cache: bytes(false) });
      return outputs;
    }) as typeof session.run;
    watched.push(session);
    return session;
  }) as typeof create;
  try {
    const answer = await open();
    const session = watched.at(-1)!;
    if (watched.length !== 1) throw new Error(`${watched.length} sessions were made, expected one`);
    return { answer, session, runs };
  } finally {
    InferenceSession.create = create;
  }
}

/** Of the format that Chromium's tracing reads; microseconds. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

const readEvents = (folder: string): readonly TraceEvent[] =>
  JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8'));

/** Of the runs [from, to), for each of `times`. */
function profileOf(
  events: readonly TraceEvent[],
  who: Who,
  what: string,
  from: number,
  to: number,
  times: number,
  all: number,
): Profile {
  const runs = events.filter(({ name }) => name === 'model_run').toSorted((a, b) => a.ts - b.ts);
  const [first, last] = [runs[from]!, runs[to - 1]!];
  const kernels = events.filter(
    ({ cat, name, ts }) =>
      cat === 'Node' && name.endsWith('_kernel_time') && ts >= first.ts && ts <= last.ts + last.dur,
  );
  const operators = new Map<string, number>();
  for (const { args, dur } of kernels) {
    const name = args?.op_name ?? 'others';
    operators.set(name, (operators.get(name) ?? 0) + dur / 1000 / times);
  }
  const inRuns = runs.slice(from, to).reduce((total, { dur }) => total + dur, 0) / 1000;
  return {
    ...{ who, what, runs: inRuns / times, all: all / times },
    operators: Object.fromEntries([...operators].toSorted(([, a], [, b]) => b - a)),
  };
}
