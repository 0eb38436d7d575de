/**
 * Greedy answers and likelihoods, kept by what was asked: the very tokens and soft tokens of a prompt, through the very file. So an
 * interrupted evaluation goes on, equal prompts of several conditions are asked once, and with another projector only what
 * depends on it is asked anew. Several processes may fill one folder.
 */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { Decoder, type TokenRun } from '../../../src/generate/decoder.ts';
import { encodeText } from '../../../src/generate/prompt.ts';
import { DTYPE_SUFFIX } from '../../../src/model/model-config.ts';
import type { BaseModel, Runtime } from '../../../src/node.ts';
import { answerAll } from '../answer.ts';

/** Prompts that are answered together, and kept together. */
const BATCH = 24;

export interface Asker {
  readonly model: BaseModel;
  /** The text of each greedy answer of at most so many tokens. */
  answers(prompts: readonly TokenRun[], tokens: number): Promise<string[]>;
  /** Nats per token of a text behind a prompt, by the deployed graph. */
  nll(prompt: TokenRun, text: string): Promise<number>;
  /** The session behind it, which exists only once something has to be asked. */
  decoder(): Promise<Decoder>;
  release(): Promise<void>;
}

export async function openAsker(options: {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** Where the model's `onnx/` or its graph lies. */
  readonly modelFolder: string;
  readonly cache: string;
}): Promise<Asker> {
  const { model, runtime, cache } = options;
  mkdirSync(cache, { recursive: true });
  const graph = await graphHash(options.modelFolder, model);
  const answers = openLines<readonly number[]>(join(cache, 'answers.jsonl'));
  const scores = openLines<number>(join(cache, 'scores.jsonl'));
  let opened: Promise<Decoder> | undefined;
  const decoder = () => {
    opened ??= Decoder.create(model, runtime);
    return opened;
  };
  return {
    model,
    decoder,
    answers: async (prompts, tokens) => {
      answers.refresh();
      const keys = prompts.map((prompt) => keyOf(graph, prompt, `answer ${tokens}`));
      const missing = new Map<string, TokenRun>();
      for (const [i, key] of keys.entries()) if (!answers.has(key)) missing.set(key, prompts[i]!);
      // Prompts of one length side by side: padding costs as much as text.
      const order = [...missing].sort(([, a], [, b]) => a.ids.length - b.ids.length);
      for (let from = 0; from < order.length; from += BATCH) {
        const picked = order.slice(from, from + BATCH);
        const found = await answerAll(
          await decoder(),
          picked.map(([, prompt]) => prompt),
          { tokens, batch: BATCH },
        );
        for (const [i, [key]] of picked.entries()) answers.add(key, found[i]!);
      }
      return keys.map((key) => model.codec.decode(answers.get(key)!));
    },
    nll: async (prompt, text) => {
      const ids = encodeText(model, text);
      const key = keyOf(graph, prompt, `score ${ids.join()}`);
      if (!scores.has(key)) {
        const run = { ids: [...prompt.ids, ...ids], soft: prompt.soft };
        const found = await (await decoder()).score(run, prompt.ids.length);
        scores.add(key, -found.reduce((sum, v) => sum + v, 0) / ids.length);
      }
      return scores.get(key)!;
    },
    release: async () => {
      await (await opened)?.release();
      opened = undefined;
    },
  };
}

function keyOf(graph: string, { ids, soft }: TokenRun, asked: string): string {
  const hash = createHash('sha256').update(`${graph} ${asked} ${ids.join()}`);
  for (const [at, vector] of soft ?? []) hash.update(` ${at} `).update(vector);
  return hash.digest('hex').slice(0, 32);
}

/** Of the bytes of the file that the model was read from, and of the weights beside it. */
async function graphHash(folder: string, { dtype }: Pick<BaseModel, 'dtype'>): Promise<string> {
  const inner = join(folder, 'onnx');
  const [where, graph] = existsSync(inner)
    ? [inner, `model${DTYPE_SUFFIX[dtype]}.onnx`]
    : [folder, 'model.onnx'];
  const names = readdirSync(where)
    .filter((name) => name.startsWith(graph))
    .sort();
  const hash = createHash('sha256');
  for (const name of names) for await (const bytes of createReadStream(join(where, name))) hash.update(bytes);
  return hash.digest('hex');
}

interface Lines<T> {
  has(key: string): boolean;
  get(key: string): T | undefined;
  add(key: string, value: T): void;
  /** Takes in what another process has added. */
  refresh(): void;
}

/** A file of `["key", value]` lines that only grows. */
function openLines<T>(file: string): Lines<T> {
  const known = new Map<string, T>();
  let taken = 0;
  const refresh = () => {
    if (!existsSync(file) || statSync(file).size <= taken) return;
    const bytes = readFileSync(file).subarray(taken);
    taken += bytes.length;
    for (const line of bytes.toString('utf8').split('\n')) {
      try {
        const [key, value] = JSON.parse(line) as [string, T];
        known.set(key, value);
      } catch {
        // Cut off: by a process that was killed while it wrote, or is writing still. It would be asked again.
      }
    }
  };
  refresh();
  return {
    has: (key) => known.has(key),
    get: (key) => known.get(key),
    add: (key, value) => {
      known.set(key, value);
      // The line break in front ends a line that was cut off.
      appendFileSync(file, `\n${JSON.stringify([key, value])}`);
    },
    refresh,
  };
}
