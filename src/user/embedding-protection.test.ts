/** Embeddings that are protected when a vault takes them: once, and what all versions tell is added up. */
import { describe, expect, it } from 'vitest';
import { createUserWorld, embeddingOf, SPACE, withCode } from '../testing/user-world.ts';
import type { EmbeddingProtection } from './embedding-protection.ts';
import { epsilonOf } from './gaussian-mechanism.ts';

const ones = (value: number) => [value, value, value, value];
const population = { mean: ones(0), scale: ones(1) };
const blurred: EmbeddingProtection = { space: SPACE, population, clip: 3, sigma: 2, delta: 1e-6 };

describe('a protected embedding', () => {
  it('is blurred once: every read and every later visit has the same numbers, and the given ones are nowhere', async () => {
    const world = createUserWorld();
    const user = await world.openGranted({ protection: [blurred] });
    const given = embeddingOf(1);
    await user.embedding.set(given);
    const kept = (await user.embedding.get(SPACE))!.values.slice();
    for (const [i, v] of given.values.entries()) expect(kept[i]).not.toBe(v);
    // What the app holds is the app's.
    expect(given).toEqual(embeddingOf(1));
    for (let i = 0; i < 3; i++) expect((await user.embedding.get(SPACE))!.values).toEqual(kept);
    const exported = await user.export();
    expect(exported.embeddings[0]!.values).toEqual([...kept]);
    const protection = (await user.embedding.history(SPACE))[0]!.protection!;
    expect(exported.embeddings[0]!.protection).toEqual(protection);
    const other = await createUserWorld().openGranted();
    await other.import(JSON.parse(JSON.stringify(exported)));
    const [imported] = await other.embedding.history(SPACE);
    expect([imported!.values, imported!.protection]).toEqual([kept, undefined]);
    await user.close();
    const again = await world.open({ protection: [blurred] });
    expect((await again.embedding.get(SPACE))!.values).toEqual(kept);
  });

  it('says what it tells, with all versions before it, those that are deleted too', async () => {
    const user = await createUserWorld().openGranted({ protection: [blurred], historyLength: 2 });
    const statement = async () => (await user.embedding.history(SPACE))[0]!.protection!;
    await user.embedding.set(embeddingOf(1));
    const one = epsilonOf({ clip: 3, sigma: 2 }, 1e-6);
    const common = { clip: 3, sigma: 2, delta: 1e-6 };
    expect(await statement()).toMatchObject({ ...common, versions: 1 });
    expect((await statement()).epsilon).toBeCloseTo(one, 9);
    await user.embedding.set(embeddingOf(1));
    await user.embedding.setMade(SPACE, async () => embeddingOf(2).values);
    expect(await statement()).toMatchObject({ ...common, versions: 3 });
    // Three are as one with noise of σ / √3.
    expect((await statement()).epsilon).toBeCloseTo(epsilonOf({ clip: 3, sigma: 2 / Math.sqrt(3) }, 1e-6), 9);
    await user.embedding.delete(SPACE);
    await user.embedding.set(embeddingOf(1));
    expect((await statement()).versions).toBe(4);
  });

  it('keeps few directions and a bounded length without a promise; other spaces stay as they are', async () => {
    const reference = {
      eigenvectors: Float32Array.of(0, 1, 0, 0, 1, 0, 0, 0),
      eigenvalues: Float32Array.of(4, 4),
    };
    const user = await createUserWorld().openGranted({
      protection: [{ space: SPACE, population: { ...population, reference }, components: 1, clip: 2 }],
    });
    await user.embedding.set({ space: SPACE, values: Float32Array.of(3, 9, 5, 5) });
    const [stored] = await user.embedding.history(SPACE);
    // Along the second number, 2 units of 2.
    expect([...stored!.values]).toEqual([0, 4, 0, 0]);
    expect(stored!.protection).toEqual({ components: 1, clip: 2 });
    await user.embedding.set({ ...embeddingOf(7), space: 'films-v1' });
    const [other] = await user.embedding.history('films-v1');
    expect(other).toEqual({ ...embeddingOf(7), space: 'films-v1', storedAt: expect.any(Number) });
  });

  it('is refused where it could not be protected, and so is a rule that promises nothing', async () => {
    const { openGranted, open } = createUserWorld();
    const user = await openGranted({ protection: [blurred] });
    await expect(user.embedding.set(embeddingOf(1, 8))).rejects.toMatchObject(withCode('invalid-embedding'));
    expect(await user.embedding.get(SPACE)).toBeUndefined();
    for (const [rule, message] of [
      [{ ...blurred, clip: undefined }, 'sigma is there, expected clip too'],
      [{ ...blurred, sigma: 0 }, 'protection.sigma is 0'],
      [{ ...blurred, components: 2 }, 'components is 2, expected none without a reference'],
      [{ ...blurred, delta: 1 }, 'delta is 1'],
      [{ ...blurred, noise: 1 }, '[0] must be an object of space'],
      [{ ...blurred, population: { ...population, scale: [1] } }, 'lists of different lengths'],
    ] as const)
      await expect(open({ protection: [rule as unknown as EmbeddingProtection] })).rejects.toThrow(message);
  });
});
