import { describe, expect, it } from 'vitest';
import { createUserWorld, HOUR, withCode } from '../testing/user-world.ts';
import type { PrivateQuestion } from './aggregates.ts';
import { DRIFT_QUESTION, driftAnswer } from './drift-question.ts';

const DAY = 24 * HOUR;
const QUESTION: PrivateQuestion = { id: 'q', answers: ['yes', 'no'], epsilon: 2, days: 30 };

async function sharing() {
  const world = createUserWorld();
  const user = await world.open();
  await user.consent.grant('share-aggregates');
  return { world, user };
}

describe('a private report', () => {
  it('needs share-aggregates, and each one that is given out is in the audit log', async () => {
    const user = await createUserWorld().openGranted();
    const denied = withCode('consent-required');
    await expect(user.aggregates.answer(QUESTION, 'yes')).rejects.toMatchObject(denied);
    expect(await user.aggregates.budget()).toEqual({ spent: 0, total: 8 });
    await user.consent.grant('share-aggregates');
    await user.aggregates.answer(QUESTION, 'yes', { actor: 'nightly' });
    await user.consent.withdraw('share-aggregates');
    await expect(user.aggregates.answer(QUESTION, 'yes')).rejects.toMatchObject(denied);
    const entries = (await user.audit.entries()).map(({ actor, action, purpose }) => [
      actor,
      action,
      purpose,
    ]);
    expect(entries.slice(2)).toEqual([
      ['app', 'denied', 'share-aggregates'],
      ['app', 'consent-granted', 'share-aggregates'],
      ['nightly', 'aggregate-shared', 'share-aggregates'],
      ['app', 'consent-withdrawn', 'share-aggregates'],
      ['app', 'denied', 'share-aggregates'],
    ]);
    expect((await user.audit.verify()).valid).toBe(true);
  });

  it('is the same for its days, however often it is asked and whatever is true meanwhile', async () => {
    const { world, user } = await sharing();
    const first = await user.aggregates.answer(QUESTION, 'yes');
    expect(first).toEqual({
      ...{ format: 'e2p-report', version: 1, question: 'q', answers: 2, epsilon: 2 },
      ...{ id: expect.stringMatching(/^[0-9a-f]{32}$/), answer: expect.stringMatching(/^(yes|no)$/) },
    });
    for (let i = 0; i < 40; i++) {
      expect(await user.aggregates.answer(QUESTION, i % 2 ? 'yes' : 'no')).toEqual(first);
    }
    world.time += 30 * DAY - 1;
    expect(await (await world.open()).aggregates.answer(QUESTION, 'no')).toEqual(first);
    expect(await user.aggregates.budget()).toEqual({ spent: 2, total: 8 });
    world.time += 1;
    expect((await user.aggregates.answer(QUESTION, 'yes')).id).not.toBe(first.id);
    expect(await user.aggregates.budget()).toEqual({ spent: 4, total: 8 });
  });

  it('is refused for another list of answers under the same id, as long as it is', async () => {
    const { user } = await sharing();
    const { answer } = await user.aggregates.answer(QUESTION, 'yes');
    const others = QUESTION.answers.map((name) => (name === answer ? 'maybe' : name));
    await expect(user.aggregates.answer({ ...QUESTION, answers: others }, 'maybe')).rejects.toMatchObject(
      withCode('invalid-argument'),
    );
  });

  it('is refused when the budget is spent, whichever question asks, also after an import and a new consent', async () => {
    const { world, user } = await sharing();
    for (const id of ['a', 'b', 'c', 'd']) await user.aggregates.answer({ ...QUESTION, id }, 'yes');
    const spent = withCode('budget-spent');
    await expect(user.aggregates.answer({ ...QUESTION, id: 'e' }, 'yes')).rejects.toMatchObject(spent);
    const exported = await user.export();
    expect(exported.reports).toHaveLength(4);
    await user.import(exported);
    await user.consent.withdraw('share-aggregates');
    await user.consent.grant('share-aggregates');
    await expect(user.aggregates.answer({ ...QUESTION, id: 'e' }, 'yes')).rejects.toMatchObject(spent);
    // What was given out already costs nothing more.
    await user.aggregates.answer({ ...QUESTION, id: 'a' }, 'yes');
    world.time += 400 * DAY;
    await expect(user.aggregates.answer({ ...QUESTION, id: 'a' }, 'yes')).rejects.toMatchObject(spent);
    expect(await user.aggregates.budget()).toEqual({ spent: 8, total: 8 });
  });

  it('counts ε in whole thousandths, so that no rounding gives one more', async () => {
    const { user } = await sharing();
    for (let i = 0; i < 80; i++) {
      await user.aggregates.answer({ ...QUESTION, id: `q${i}`, epsilon: 0.1 }, 'yes');
    }
    expect(await user.aggregates.budget()).toEqual({ spent: 8, total: 8 });
    const another = user.aggregates.answer({ ...QUESTION, id: 'one-more', epsilon: 0.1 }, 'yes');
    await expect(another).rejects.toMatchObject(withCode('budget-spent'));
  });

  it('keeps nothing of the true answer, and a person who was forgotten begins anew', async () => {
    const { world, user } = await sharing();
    const alike = { ...QUESTION, answers: ['same-length', 'same-lengtH'], epsilon: 0.1 };
    await user.aggregates.answer(alike, 'same-length');
    const kept = JSON.stringify((await user.export()).reports);
    expect(kept.match(/same-length/gi)).toHaveLength(1);
    expect((await user.forget()).isComplete).toBe(true);
    expect(await (await world.open()).aggregates.budget()).toEqual({ spent: 0, total: 8 });
  });

  it('of one id stays what it was', async () => {
    const { user } = await sharing();
    await user.aggregates.answer(QUESTION, 'yes');
    const other = { ...QUESTION, epsilon: 1 };
    await expect(user.aggregates.answer(other, 'yes')).rejects.toThrow(/epsilon needs another id/);
  });

  it.each([
    [{ ...QUESTION, id: 'a person' }, 'yes', /id must be 1 to 64 letters/],
    [{ ...QUESTION, answers: ['yes', 'yes'] }, 'yes', /answers must be 2 to 64 different names/],
    [{ ...QUESTION, epsilon: 5 }, 'yes', /epsilon must be a number from 0.1 to 4/],
    [{ ...QUESTION, epsilon: 1.0005 }, 'yes', /in thousandths/],
    [{ ...QUESTION, days: 0.5 }, 'yes', /days must be a whole number/],
    [QUESTION, 'Clara', /the true answer must be one of its answers$/],
  ])('refuses %j', async (question, value, message) => {
    const { user } = await sharing();
    await expect(user.aggregates.answer(question, value)).rejects.toThrow(message);
  });
});

describe('the question about drift', () => {
  it('has the level, and of λ four steps where it was lowered', async () => {
    const answers = [0, 0.24, 0.25, 0.5, 0.99, 1].map((strength) => driftAnswer('unusual', strength));
    expect(answers).toEqual([
      ...['unusual-0', 'unusual-0', 'unusual-25', 'unusual-50', 'unusual-75', 'unusual-75'],
    ]);
    expect([driftAnswer('fine', 1), driftAnswer('alien', 0)]).toEqual(['fine', 'alien']);
    expect(() => driftAnswer('fine', 1.5)).toThrow(/strength is 1.5/);
    const { user } = await sharing();
    const { answer } = await user.aggregates.answer(DRIFT_QUESTION, driftAnswer('unusual', 0.3));
    expect(DRIFT_QUESTION.answers).toContain(answer);
  });
});
