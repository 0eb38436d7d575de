/**
 * What retraining changed. Canary prompts: does a new projector still say to old users what the old one said? Greedy texts of both,
 * compared letter by letter. And how far the soft tokens moved.
 */
import { throwIfAborted } from '../error.ts';
import { Engine } from '../generate/engine.ts';
import { generateText } from '../generate/generate-text.ts';
import { buildInput } from '../generate/prompt.ts';
import type { BaseModel } from '../model/base-model.ts';
import { type Projector, project, projectAtStrength } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { Example, Users } from './training-data.ts';

export interface CanaryReport {
  readonly prompts: number;
  /** How many get the same text from both. */
  readonly same: number;
  /** Lines of those that get another one. */
  readonly changed: readonly number[];
}

export interface CanaryOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly before: Projector;
  readonly after: Projector;
  readonly users: Users;
  /** Users and prompts; the targets are not read. */
  readonly canaries: readonly Example[];
  /** Of a text; default 48. */
  readonly maxTokens?: number;
  readonly signal?: AbortSignal | undefined;
}

export async function compareCanaries(options: CanaryOptions): Promise<CanaryReport> {
  const { model, runtime, before, after, users, canaries, maxTokens = 48, signal } = options;
  const engine = await Engine.create({ model, runtime });
  const textOf = async (projector: Projector, { messages, user }: Example): Promise<string> => {
    const vectors = projectAtStrength(projector, users.rows.get(user)!, 1, model.facts.embedding.scale);
    const prompt = buildInput(model, messages, { vectors, slot: projector.contract.slot });
    const given = { maxTokens, temperature: 0, ...(signal && { signal }) };
    const { result, state } = await generateText(engine, prompt, given);
    state.cache.release();
    return result.text;
  };
  const changed: number[] = [];
  try {
    for (const canary of canaries) {
      throwIfAborted(signal);
      if ((await textOf(before, canary)) !== (await textOf(after, canary))) changed.push(canary.line);
    }
  } finally {
    await engine.release();
  }
  return { prompts: canaries.length, same: canaries.length - changed.length, changed };
}

/** √(Σ|new − old|² / Σ|old|²) over the users' soft tokens. */
export function movement(old: Projector, now: Projector, users: readonly Float32Array[]): number {
  let [moved, size] = [0, 0];
  for (const user of users) {
    const [before, after] = [project(old, user), project(now, user)];
    // A phrase has tokens of its own: where one of them has more, these have moved from or to nowhere.
    for (let k = 0; k < Math.max(before.length, after.length); k++) {
      const [b, a] = [before[k] ?? [], after[k] ?? []];
      for (let i = 0; i < Math.max(a.length, b.length); i++) {
        moved += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
        size += (b[i] ?? 0) ** 2;
      }
    }
  }
  return Math.sqrt(moved / size);
}
