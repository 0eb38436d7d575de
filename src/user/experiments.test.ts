import { describe, expect, it } from 'vitest';
import { createUserWorld, HOUR, withCode } from '../testing/user-world.ts';
import { assignArm } from './assign-arm.ts';
import type { Experiment } from './experiment.ts';

const DAY = 24 * HOUR;
const EXPERIMENT: Experiment = {
  id: 'tone-1',
  days: 14,
  metrics: { opened: { most: 20 }, minutes: { most: 100, step: 0.5 } },
};

async function taking() {
  const world = createUserWorld();
  const user = await world.openGranted();
  await user.consent.grant('share-aggregates');
  return { world, user };
}

describe('the arm of a person', () => {
  it('is what SHA-256 says', async () => {
    // hashlib.sha256(json.dumps(['e2p-arm', unit, 'one'], separators=(',', ':')).encode()): both numbers as shares of 2⁴⁸
    const shares = { ab: [0.0049026373, 0.6369193499], '01': [0.1504604712, 0.2995945971] } as const;
    for (const [name, [enrolled, treatment]] of Object.entries(shares)) {
      const arm = (e: number, t: number) =>
        assignArm(name.repeat(32), { id: 'one', enrolled: e, treatment: t });
      expect(await arm(enrolled - 1e-9, 1)).toBe('outside');
      expect(await arm(enrolled + 1e-9, treatment - 1e-9)).toBe('control');
      expect(await arm(enrolled + 1e-9, treatment + 1e-9)).toBe('treatment');
    }
  });

  it('stays while more people are enrolled, and moves only towards treatment while more are treated', async () => {
    const rank = { outside: 0, control: 1, treatment: 2 };
    for (let i = 0; i < 60; i++) {
      const unit = String(i).padStart(64, '0');
      let [before, ramped] = [0, 'outside'];
      for (const share of [0, 0.1, 0.35, 0.7, 1]) {
        const now = rank[await assignArm(unit, { id: 'x', enrolled: 1, treatment: share })];
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
        const arm = await assignArm(unit, { id: 'x', enrolled: share, treatment: 0.5 });
        if (ramped !== 'outside') expect(arm).toBe(ramped);
        ramped = arm;
      }
      expect(before).toBe(2);
    }
  });

  it('is the same in every tab and after every start, and another one for another person', async () => {
    const arms = new Set<string>();
    for (let i = 0; i < 30; i++) {
      const { world, user } = await taking();
      const arm = await user.experiments.arm(EXPERIMENT);
      expect(await user.experiments.arm(EXPERIMENT)).toBe(arm);
      await user.close();
      expect(await (await world.open()).experiments.arm(EXPERIMENT)).toBe(arm);
      arms.add(arm);
    }
    expect([...arms].sort()).toEqual(['control', 'treatment']);
  });

  it('is kept for nobody who takes no part, and needs learn-from-activity', async () => {
    const world = createUserWorld();
    const user = await world.open();
    const denied = withCode('consent-required');
    await expect(user.experiments.arm(EXPERIMENT)).rejects.toMatchObject(denied);
    await expect(user.experiments.expose(EXPERIMENT)).rejects.toMatchObject(denied);
    await expect(user.experiments.record(EXPERIMENT, 'opened')).rejects.toMatchObject(denied);
    expect(world.sealed('unit')).toEqual([]);
    await user.consent.grant('learn-from-activity');
    expect(await user.experiments.arm({ ...EXPERIMENT, enrolled: 0 })).toBe('outside');
    expect(await user.experiments.record(EXPERIMENT, 'opened')).toBe(false);
    expect(world.sealed('experiment')).toEqual([]);
  });
});

describe('the summary', () => {
  it('counts a metric by any name, those that every object has too', async () => {
    const { world, user } = await taking();
    const metrics = { constructor: { most: 5 }, toString: { most: 5 } };
    const odd = { ...EXPERIMENT, metrics };
    await user.experiments.expose(odd);
    await user.experiments.record(odd, 'constructor', 2);
    world.time += 14 * DAY;
    expect((await user.experiments.summary(odd))!.outcomes).toEqual({ constructor: 2, toString: 0 });
  });

  it('is what was declared, bounded and rounded, once the days are over, and the same ever after', async () => {
    const { world, user } = await taking();
    const arm = await user.experiments.expose(EXPERIMENT);
    for (let i = 0; i < 25; i++) await user.experiments.record(EXPERIMENT, 'opened');
    await user.experiments.record(EXPERIMENT, 'minutes', 1.3);
    await user.experiments.record(EXPERIMENT, 'minutes', 0.5);
    world.time += 14 * DAY - 1;
    expect(await user.experiments.summary(EXPERIMENT)).toBeUndefined();
    expect(await user.experiments.record(EXPERIMENT, 'minutes', 2)).toBe(true);
    world.time += 1;
    expect(await user.experiments.record(EXPERIMENT, 'opened')).toBe(false);
    const summary = await user.experiments.summary(EXPERIMENT);
    expect(summary).toEqual({
      ...{ format: 'e2p-summary', version: 1, id: expect.stringMatching(/^[0-9a-f]{32}$/) },
      ...{ experiment: 'tone-1', arm, share: 0.5, exposed: true, moved: false, days: 14 },
      outcomes: { opened: 20, minutes: 4 },
    });
    // Finer steps, asked for later, get nothing more out of it.
    const finer = { ...EXPERIMENT, metrics: { minutes: { most: 10, step: 0.01 } } };
    expect(await user.experiments.summary(finer)).toEqual(summary);
    const actions = (await user.audit.entries()).map(({ action }) => action);
    expect(actions.filter((action) => action === 'aggregate-shared')).toHaveLength(2);
  });

  it('needs both consents, and every denial is noted', async () => {
    const { world, user } = await taking();
    await user.experiments.arm(EXPERIMENT);
    world.time += 14 * DAY;
    for (const purpose of ['share-aggregates', 'learn-from-activity'] as const) {
      await user.consent.withdraw(purpose);
      await expect(user.experiments.summary(EXPERIMENT)).rejects.toThrow(
        `consent to ${purpose} was withdrawn`,
      );
      expect((await user.audit.entries()).at(-1)).toMatchObject({ action: 'denied', purpose });
      await user.consent.grant(purpose);
    }
    expect(await user.experiments.summary(EXPERIMENT)).toMatchObject({
      exposed: false,
      outcomes: { opened: 0 },
    });
  });

  it('says that a share was changed, and counts the person as before', async () => {
    const { world, user } = await taking();
    const all = { ...EXPERIMENT, treatment: 1 };
    expect(await user.experiments.expose(all)).toBe('treatment');
    expect(await user.experiments.expose({ ...EXPERIMENT, treatment: 0 })).toBe('control');
    world.time += 14 * DAY;
    expect(await user.experiments.summary(EXPERIMENT)).toMatchObject({
      arm: 'treatment',
      share: 1,
      moved: true,
    });
  });

  it('has nothing by which two experiments, or a device, are known again', async () => {
    const { world, user } = await taking();
    const other = { ...EXPERIMENT, id: 'tone-2' };
    for (const experiment of [EXPERIMENT, other]) await user.experiments.arm(experiment);
    world.time += 14 * DAY;
    const [one, two] = [await user.experiments.summary(EXPERIMENT), await user.experiments.summary(other)];
    expect(one!.id).not.toBe(two!.id);
    // The secret is in no export.
    const exported = await user.export();
    expect(exported.experiments.map(({ id, summary }) => [id, summary])).toEqual(
      expect.arrayContaining([
        ['tone-1', one],
        ['tone-2', two],
      ]),
    );
    const ids = new Set(JSON.stringify(exported).match(/[0-9a-f]{64}/g));
    const hashes = exported.audit.entries.flatMap(({ hash, previous }) => [hash, previous]);
    for (const hash of [...hashes, exported.audit.anchor.hash, exported.audit.head.hash]) ids.delete(hash);
    expect([...ids]).toEqual([]);
  });

  it('of who has left is none, and nothing of it is kept', async () => {
    const { world, user } = await taking();
    await user.experiments.expose(EXPERIMENT);
    await user.experiments.record(EXPERIMENT, 'opened');
    await user.consent.withdraw('learn-from-activity');
    expect(await user.experiments.leave('tone-1')).toBe(true);
    expect(await user.experiments.leave('tone-1')).toBe(false);
    expect((await user.export()).experiments).toEqual([]);
    await user.consent.grant('learn-from-activity');
    expect(await user.experiments.arm(EXPERIMENT)).toBe('outside');
    world.time += 14 * DAY;
    expect(await user.experiments.summary(EXPERIMENT)).toBeUndefined();
    const { removed, isComplete } = await user.forget();
    expect(isComplete).toBe(true);
    expect(removed).toEqual(expect.arrayContaining([{ what: 'unit', where: 'storage', count: 1 }]));
  });

  it('is left also before it was met', async () => {
    const { user } = await taking();
    expect(await user.experiments.leave('tone-1')).toBe(false);
    expect(await user.experiments.expose(EXPERIMENT)).toBe('outside');
    expect(await user.experiments.record(EXPERIMENT, 'opened')).toBe(false);
    expect((await user.audit.entries()).at(-1)!.action).toBe('experiment-left');
  });
});

describe('an experiment as the app declares it', () => {
  const metrics = (value: object) => ({ ...EXPERIMENT, metrics: value }) as Experiment;
  it.each([
    [{ ...EXPERIMENT, id: 'for Clara' }, /id must be 1 to 64 letters, digits/],
    [{ ...EXPERIMENT, days: 91 }, /days must be a whole number from 1 to 90/],
    [{ ...EXPERIMENT, treatment: 1.5 }, /treatment must be a number from 0 to 1/],
    [metrics({ 'what Clara read': { most: 1 } }), /the name of a metric must be 1 to 64 letters/],
    [metrics({ opened: { most: 1e9 } }), /metrics.opened.most must be 1 to 1000 whole steps/],
    [metrics({ opened: { most: 1, step: 0 } }), /metrics.opened.step must be a number above 0/],
    [metrics(Object.fromEntries([...'abcdefghi'].map((n) => [n, { most: 1 }]))), /metrics must be at most 8/],
    [{ ...EXPERIMENT, note: 'x' } as Experiment, /nothing else/],
  ])('is refused: %j', async (experiment, message) => {
    const { user } = await taking();
    await expect(user.experiments.arm(experiment)).rejects.toThrow(message);
  });

  it('counts only what it declares, from 0, and steps that are no binary fractions', async () => {
    const { user } = await taking();
    await user.experiments.arm(metrics({ tenths: { most: 0.3, step: 0.1 } }));
    const record = (metric: string, value: number) => user.experiments.record(EXPERIMENT, metric, value);
    await expect(record('closed', 1)).rejects.toThrow(/the metric must be one that it declares/);
    await expect(record('opened', -1)).rejects.toThrow(/the value must be a number from 0/);
    await expect(record('opened', Number.NaN)).rejects.toThrow(/the value must be a finite number/);
  });
});
