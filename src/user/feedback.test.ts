/** Feedback in the vault, and an embedding that learns from it: consent, limits, what ends it, and how exactly it is taken back. */
import { describe, expect, it } from 'vitest';
import { createUserWorld, embeddingOf, SPACE } from '../testing/user-world.ts';
import { FEEDBACK_LIMITS, type Feedback } from './feedback-row.ts';

import type { User } from './user.ts';

const SECRET = 'beekeeping in Tromsø';
const up: Feedback = { kind: 'up', prompt: 'What shall I hear?', answer: SECRET };
const choice: Feedback = { kind: 'choice', prompt: 'And then?', answer: 'Bees', others: ['Cars', 'Tax'] };
const createGranted = () => {
  const world = createUserWorld();
  const openGranted: typeof world.openGranted = async (options) => {
    const user = await world.openGranted(options);
    await user.consent.grant('learn-from-feedback');
    return user;
  };
  return { ...world, openGranted };
};
/** Adds the number of rows to each number. */
const addRows = (user: User) =>
  user.feedback.learn(SPACE, async ({ values, rows }) => values.map((value) => value + rows.length));
const bits = async (user: User) => {
  const found = await user.embedding.get(SPACE);
  return found && [...new Uint32Array(found.values.buffer)];
};

describe('rows of feedback', () => {
  it('are there after the app was closed, encrypted, and gone when they are deleted', async () => {
    const world = createGranted();
    const first = await world.openGranted();
    const id = await first.feedback.add(up);
    await first.feedback.add(choice);
    await first.close();
    const user = await world.open();
    const prompt = [{ role: 'user', content: 'What shall I hear?' }];
    expect(await user.feedback.list()).toMatchObject([{ ...up, id, prompt, others: [] }, { kind: 'choice' }]);
    expect(
      JSON.stringify([...world.disk], (_, value) =>
        ArrayBuffer.isView(value) || value instanceof ArrayBuffer
          ? Buffer.from(value as Uint8Array).toString('latin1')
          : value,
      ),
    ).not.toContain('beekeeping');
    expect(await user.feedback.delete(id)).toBe(true);
    expect(await user.feedback.delete(id)).toBe(false);
    expect(await user.feedback.clear()).toBe(1);
    expect(world.sealed('feedback')).toEqual([]);
  });

  it('need a grant of their own, which no other one stands for', async () => {
    const user = await createUserWorld().open();
    for (const purpose of ['personalise', 'learn-from-activity'] as const) await user.consent.grant(purpose);
    await user.embedding.set(embeddingOf(1));
    for (const call of [() => user.feedback.add(up), () => user.feedback.list(), () => addRows(user)])
      await expect(call()).rejects.toMatchObject({
        code: 'consent-required',
        message: 'consent to learn-from-feedback was not asked for',
      });
    expect(await user.feedback.clear()).toBe(0);
  });

  it.each([
    ['kind', { ...up, kind: 'meh' }],
    ['prompt', { ...up, prompt: '' }],
    ['prompt', { ...up, prompt: [] }],
    ['prompt[0].role', { ...up, prompt: [{ role: 'poet', content: SECRET }] }],
    ['answer', { ...up, answer: SECRET.repeat(1000) }],
    ['others', { ...up, others: [SECRET] }],
    ['others', { ...choice, others: [] }],
    ['others', { ...choice, others: Array(FEEDBACK_LIMITS.others + 1).fill(SECRET) }],
    ['others[1]', { ...choice, others: ['a', 7] }],
  ])('with another %s are refused, without a word of it', async (field, row) => {
    const user = await createGranted().openGranted();
    const refused = await user.feedback.add(row as Feedback).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: 'invalid-argument' });
    expect(`${(refused as Error).message}`).toContain(`the feedback: ${field} must be`);
    expect(`${(refused as Error).stack}`).not.toContain('beekeeping');
  });

  it('go with forget(), and travel with an export, with what was learnt from them', async () => {
    const world = createGranted();
    const user = await world.openGranted();
    await user.embedding.set(embeddingOf(1));
    await user.feedback.add(up);
    await addRows(user);
    const exported = JSON.stringify(await user.export());
    const other = await createGranted().openGranted();
    await other.import(exported);
    expect(await other.feedback.list()).toMatchObject([{ kind: 'up', answer: SECRET }]);
    await addRows(other);
    // From what was given, not from what has learnt.
    expect((await other.embedding.get(SPACE))?.values).toEqual(embeddingOf(1).values.map((v) => v + 1));
    expect(await user.forget()).toMatchObject({ isComplete: true });
    expect([...world.disk.keys()].filter((key) => key.includes('feedback'))).toEqual([]);
  });

  it('are so many at most, the oldest go first', async () => {
    const user = await createGranted().openGranted();
    const rows = Array.from({ length: FEEDBACK_LIMITS.count }, () => ({
      ...{ kind: 'up', prompt: [{ role: 'user', content: 'a' }], answer: 'old', others: [], storedAt: 1 },
    }));
    await user.import({ ...(await user.export()), feedback: rows });
    await user.feedback.add(choice);
    const kept = await user.feedback.list();
    expect(kept).toHaveLength(FEEDBACK_LIMITS.count);
    expect(kept.at(-1)).toMatchObject(choice.kind === 'choice' ? { kind: 'choice' } : {});
  });
});

describe('what is learnt from feedback', () => {
  it('is a version more, and undo gives the one before to the last bit', async () => {
    const user = await createGranted().openGranted();
    await user.embedding.set({ space: SPACE, values: Float32Array.of(0.1, -0, 1e-42, 3e38) });
    const before = await bits(user);
    await user.feedback.add(up);
    expect(await addRows(user)).toBe(true);
    expect(await bits(user)).not.toEqual(before);
    expect(await user.embedding.history(SPACE)).toMatchObject([{ learntFrom: 'feedback' }, {}]);
    expect(await user.embedding.undo(SPACE)).toBe(true);
    expect(await bits(user)).toEqual(before);
    expect(await user.embedding.undo(SPACE)).toBe(false);
    expect(await bits(user)).toEqual(before);
  });

  it('begins with the embedding that was given, however often: a deleted row leaves nothing', async () => {
    const user = await createGranted().openGranted({ historyLength: 3 });
    await user.embedding.set(embeddingOf(1));
    const before = await bits(user);
    await user.feedback.add(up);
    await addRows(user);
    const once = await bits(user);
    const id = await user.feedback.add(choice);
    for (let i = 0; i < 5; i++) await addRows(user);
    const from = (await user.embedding.history(SPACE)).map(({ learntFrom }) => learntFrom);
    expect(from).toEqual(['feedback', 'feedback', undefined]);
    await user.feedback.delete(id);
    await addRows(user);
    expect(await bits(user)).toEqual(once);
    await user.feedback.clear();
    expect(await addRows(user)).toBe(true);
    expect(await bits(user)).toEqual(before);
    expect(await addRows(user)).toBe(false);
  });

  it('is nothing where the maker gives nothing, and where there is no embedding', async () => {
    const user = await createGranted().openGranted();
    await user.feedback.add(up);
    await expect(addRows(user)).rejects.toMatchObject({ code: 'no-user' });
    await user.embedding.set(embeddingOf(1));
    expect(await user.feedback.learn(SPACE, async () => undefined)).toBe(false);
    expect(await user.embedding.history(SPACE)).toHaveLength(1);
  });

  it.each([
    ['a withdrawal', (user: User) => user.consent.withdraw('learn-from-feedback'), 'consent-required'],
    ['a withdrawal of the other', (user: User) => user.consent.withdraw('personalise'), 'consent-required'],
    ['a deleted row', (user: User) => user.feedback.clear(), 'user-replaced'],
    ['another embedding', (user: User) => user.embedding.set(embeddingOf(9)), 'user-replaced'],
    ['forget()', (user: User) => user.forget(), 'destroyed'],
  ] as const)('gives way to %s, which waits until the maker has let go', async (_, meanwhile, code) => {
    const user = await createGranted().openGranted();
    await user.embedding.set(embeddingOf(1));
    await user.feedback.add(up);
    let [hasEnded, seen] = [false, undefined as Float32Array | undefined];
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const learning = user.feedback.learn(SPACE, async ({ values, signal }) => {
      seen = values;
      begin();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, 5));
      hasEnded = true;
      return values.map((v) => v + 1);
    });
    const failed = expect(learning).rejects.toMatchObject({ code });
    await begun;
    await meanwhile(user);
    expect(hasEnded).toBe(true);
    expect(seen!.every((value) => value === 0)).toBe(true);
    await failed;
  });

  it('goes on while more is said, and is dropped where its end was too late to be told', async () => {
    const user = await createGranted().openGranted();
    await user.embedding.set(embeddingOf(1));
    await user.feedback.add(up);
    const learnt = await user.feedback.learn(SPACE, async ({ values, signal }) => {
      await user.feedback.add(choice);
      expect(signal.aborted).toBe(false);
      return values.map((v) => v + 1);
    });
    expect(learnt).toBe(true);
  });
});
