/** Many sessions that are asked at once, on the default model. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';
import { TURN_LIMITS } from './turns.ts';

const source = createFolderSource(fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url)));
const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';
const greedy = { temperature: 0, maxTokens: 8 } as const;

async function setUp() {
  const model = await loadBaseModel({ source, dtypes: ['q4'] });
  const engine = await Engine.create({ model, runtime: createNodeRuntime() });
  const personalizer = new LocalPersonalizer(engine, undefined);
  const open = (count: number) =>
    Promise.all(Array.from({ length: count }, () => personalizer.createSession()));
  return { personalizer, open };
}

describe('sessions that are asked at once', () => {
  it('all answer as alone, some at a time, in their order', async () => {
    const { open } = await setUp();
    const sessions = await open(50);
    const expected = await (await open(1))[0]!.prompt(prompt, greedy);
    const [begun, ended]: [number[], number[]] = [[], []];
    let most = 0;
    const texts = await Promise.all(
      sessions.map(async (session, i) => {
        const onText = () => {
          if (!begun.includes(i)) begun.push(i);
          most = Math.max(most, begun.length - ended.length);
        };
        const text = await session.prompt(prompt, { ...greedy, onText });
        ended.push(i);
        return text;
      }),
    );
    expect(new Set(texts)).toEqual(new Set([expected]));
    // Those that run together may begin in another order, nobody before who came so much earlier.
    for (const [place, i] of begun.entries()) expect(Math.abs(i - place)).toBeLessThan(TURN_LIMITS.running);
    expect(most).toBeLessThanOrEqual(TURN_LIMITS.running);
  });

  it('one more than may wait is refused, an abort or an ending while it waits comes at once, and the others answer', async () => {
    const { open } = await setUp();
    const { running, waiting } = TURN_LIMITS;
    const sessions = await open(running + waiting + 1);
    const controller = new AbortController();
    const { signal } = controller;
    const answers = sessions
      .slice(0, -1)
      .map((session, i) => session.prompt(prompt, i === 9 ? { ...greedy, signal } : greedy));
    const done: number[] = [];
    for (const [i, answer] of answers.entries())
      void answer.then(
        () => done.push(i),
        () => done.push(i),
      );
    await expect(sessions.at(-1)!.prompt(prompt, greedy)).rejects.toMatchObject({ code: 'busy' });
    controller.abort();
    await expect(answers[9]).rejects.toMatchObject({ name: 'AbortError' });
    await Promise.all([
      sessions[20]!.destroy(),
      expect(answers[20]).rejects.toMatchObject({ code: 'destroyed' }),
    ]);
    expect(done).toEqual([9, 20]);
    // Which makes room for two.
    const late = [sessions[9]!, sessions.at(-1)!].map((session) => session.prompt(prompt, greedy));
    const outcomes = await Promise.allSettled([...answers, ...late]);
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([9, 20]);
  });

  it('an abort in the last step fails the call too: the piece that it held back is in no answer', async () => {
    const { open } = await setUp();
    const [session] = await open(1);
    const controller = new AbortController();
    const options = { ...greedy, maxTokens: 1, signal: controller.signal, onText: () => controller.abort() };
    await expect(session!.prompt(prompt, options)).rejects.toMatchObject({ name: 'AbortError' });
    expect(await session!.prompt(prompt, greedy)).toBe(await (await open(1))[0]!.prompt(prompt, greedy));
  });

  it('a session whose answer was given up answers the next prompt when the step under way has ended', async () => {
    const { open } = await setUp();
    const [session] = await open(1);
    const controller = new AbortController();
    const given = session!.prompt(prompt, { ...greedy, maxTokens: 200, signal: controller.signal });
    given.catch(() => undefined);
    controller.abort();
    const next = session!.prompt(prompt, greedy);
    await expect(given).rejects.toMatchObject({ name: 'AbortError' });
    expect(await next).not.toBe('');
    await expect(
      Promise.all([session!.prompt(prompt, greedy), session!.prompt(prompt, greedy)]),
    ).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
