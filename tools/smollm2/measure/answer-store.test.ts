/** What was asked is kept, and nothing is taken for something else. */
import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, createRuntime, loadModel, type Runtime } from '../../../src/node.ts';
import { nobody } from '../conditions.ts';
import { openAsker } from './answer-store.ts';

const FOLDER = 'public/models/e2p-tiny';

describe('answers of an evaluation', () => {
  let model: BaseModel;
  beforeAll(async () => {
    model = await loadModel({ model: FOLDER });
  });
  /** The runtime, and how many sessions it was asked for. */
  const counting = () => {
    const runtime = createRuntime();
    const counted = { sessions: 0 };
    const createSession: Runtime['createSession'] = (...args) => {
      counted.sessions++;
      return runtime.createSession(...args);
    };
    return { counted, runtime: { ...runtime, createSession } };
  };
  const open = (cache: string, runtime: Runtime) => openAsker({ model, runtime, modelFolder: FOLDER, cache });
  const questions = ['Suggest a story.', 'Tell me a story.'];

  it('are the same from the store, without a session, even behind a line that was cut off', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'e2p-answers-'));
    const prompts = questions.map((q) => nobody(model, q));
    const first = await open(cache, createRuntime());
    const [texts, nats] = [await first.answers(prompts, 4), await first.nll(prompts[0]!, 'the sea')];
    await first.release();
    appendFileSync(join(cache, 'answers.jsonl'), '\n["cut off, [1,');

    const { counted, runtime } = counting();
    const second = await open(cache, runtime);
    expect(await second.answers(prompts, 4)).toEqual(texts);
    expect(await second.nll(prompts[0]!, 'the sea')).toBe(nats);
    expect(counted.sessions).toBe(0);
    // Another length is another question, and is kept behind the line that was cut off.
    await second.answers(prompts, 2);
    await second.release();
    const third = await open(cache, runtime);
    await third.answers(prompts, 2);
    expect(counted.sessions).toBe(1);
  });

  it('of equal prompts are asked once, of prompts that differ in a soft token each', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'e2p-answers-'));
    const asker = await open(cache, createRuntime());
    const bare = nobody(model, questions[0]!);
    const withToken = (value: number) => ({
      ids: bare.ids,
      soft: new Map([[1, new Float32Array(model.facts.hiddenSize).fill(value)]]),
    });
    await asker.answers([bare, bare, withToken(0.1), withToken(0.2), withToken(0.2)], 2);
    await asker.release();
    const kept = readFileSync(join(cache, 'answers.jsonl'), 'utf8').split('\n').filter(Boolean);
    expect(kept).toHaveLength(3);
  });
});
