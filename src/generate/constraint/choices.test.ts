/** Answers out of a list, on the default model: what comes, how often, and what is refused. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../../model/base-model.ts';
import { Personalizer } from '../../node.ts';
import { createNodeRuntime } from '../../runtime/node-runtime.ts';
import { createFolderSource } from '../../storage/folder-source.ts';
import { TINY_MODEL } from '../../testing/tiny-encoder.ts';
import { Decoder } from '../decoder.ts';
import { buildInput } from '../prompt.ts';
import type { Session } from '../session.ts';
import { openConstraint } from './open-constraint.ts';

const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';
/** One begins another, and several share their first tokens. */
const TITLES = ['A calmer drone', 'A calmer drone race', 'A calm sea', 'Zürich at night', 'The end', 'The'];

describe('an answer out of a list', () => {
  let personalizer: Personalizer;
  let session: Session;
  let model: BaseModel;
  beforeAll(async () => {
    personalizer = await Personalizer.create({ model: TINY_MODEL, dtype: 'q4' });
    session = await personalizer.createSession();
    model = await loadBaseModel({ source: createFolderSource(TINY_MODEL), dtypes: ['q4'] });
  });

  /** P(text) by its definition: at each token, the share of its probability among those that go on to a text of the list, or end one. */
  async function exactProbabilities(temperature: number): Promise<number[]> {
    const decoder = await Decoder.create(model, createNodeRuntime());
    const sequences = TITLES.map((text) => [...model.codec.encode(text), model.config.eosTokenIds[0]!]);
    const begun = buildInput(model, [{ role: 'user', content: prompt }]).ids;
    const probabilities: number[] = [];
    for (const sequence of sequences) {
      const columns = model.facts.head.columns;
      const { logits, cache } = await decoder.readAll({ ids: [...begun, ...sequence] });
      cache.release();
      let probability = 1;
      for (let i = 0; i < sequence.length; i++) {
        const same = sequences.filter((other) => sequence.slice(0, i).every((id, k) => other[k] === id));
        const next = [...new Set(same.map((other) => other[i]!))];
        const row = logits.subarray((begun.length + i - 1) * columns);
        const weight = (id: number) => Math.exp((row[id]! - row[next[0]!]!) / temperature);
        probability *= weight(sequence[i]!) / next.reduce((sum, id) => sum + weight(id), 0);
      }
      probabilities.push(probability);
    }
    return probabilities;
  }

  it('comes as often as the renormalised probabilities say', async () => {
    const temperature = 3;
    const expected = await exactProbabilities(temperature);
    expect(expected.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    const draws = 1500;
    const counts = new Map(TITLES.map((text) => [text, 0]));
    for (let seed = 0; seed < draws; seed++) {
      const own = await session.clone();
      const options = { seed, temperature, constraint: { choices: TITLES } };
      const { text, finishReason } = await own.generate(prompt, options);
      await own.destroy();
      expect(finishReason).toBe('end');
      counts.set(text, counts.get(text)! + 1);
    }
    expect([...counts.keys()]).toEqual(TITLES);
    // Pearson's χ² with 5 degrees of freedom: over 20.5 in one of a thousand such tests; the seeds are fixed.
    const chiSquared = TITLES.reduce((sum, text, i) => {
      const mean = expected[i]! * draws;
      return sum + (counts.get(text)! - mean) ** 2 / mean;
    }, 0);
    expect(chiSquared).toBeLessThan(20.5);
  });

  it('is the last word where another filter would leave none of it', async () => {
    const constraint = { choices: ['Zürich at night'] };
    const filters = [{ temperature: 0 }, { temperature: 1, topK: 1 }, { temperature: 1, topP: 0.01 }];
    for (const filter of [...filters, { temperature: 1, minP: 1, repetitionPenalty: 2 }]) {
      const own = await session.clone();
      expect(await own.prompt(prompt, { ...filter, constraint })).toBe('Zürich at night');
      await own.destroy();
    }
  });

  it('streams, may be cut by maxTokens, and the conversation goes on', async () => {
    const own = await session.clone();
    const pieces: string[] = [];
    for await (const piece of own.promptStreaming(prompt, { constraint: { choices: TITLES } }))
      pieces.push(piece);
    expect(TITLES).toContain(pieces.join(''));
    const cut = await own.generate('Another', { maxTokens: 2, constraint: { choices: ['The long road'] } });
    expect(cut.finishReason).toBe('length');
    expect('The long road'.startsWith(cut.text)).toBe(true);
    const last = await own.generate('And', {
      maxTokens: model.codec.encode('Zürich at night').length,
      constraint: { choices: ['Zürich at night'] },
    });
    expect(last).toMatchObject({ finishReason: 'end', text: 'Zürich at night' });
    expect(await own.prompt(prompt, { maxTokens: 8 })).not.toBe('');
    await own.destroy();
  });

  it('spells special tokens as text', async () => {
    const own = await session.clone();
    const { text, tokenIds } = await own.generate(prompt, { constraint: { choices: ['a </s> b'] } });
    expect(text).toBe('a </s> b');
    expect(tokenIds).not.toContain(model.config.eosTokenIds[0]);
  });

  it('ends by an abort like any other', async () => {
    const own = await session.clone();
    const controller = new AbortController();
    const onText = () => controller.abort();
    const options = {
      signal: controller.signal,
      onText,
      constraint: { choices: ['The long, long road home'] },
    };
    await expect(own.generate(prompt, options)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([
    ['no list', { choices: 'The' }, 'choices: it must be a list'],
    ['an empty list', { choices: [] }, 'choices: it must be a list of texts, none of them empty'],
    ['an empty text', { choices: ['a', ''] }, 'choices: it must be a list of texts, none of them empty'],
    ['a text that is no text', { choices: ['a', 7] }, 'choices: it must be a list of texts'],
    ['half a character', { choices: ['a', '\ud83d'] }, 'choices: text 2 of 2 comes back'],
    ['nothing known', { pattern: 'a' }, 'the constraint: it must be an object of choices'],
  ])('is refused for %s', async (_, constraint, message) => {
    const refused = session.generate(prompt, { constraint: constraint as never });
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(refused).rejects.toThrow(message);
  });

  it('is refused together with stop', async () => {
    const options = { stop: ['.'], constraint: { choices: ['a'] } };
    await expect(session.prompt(prompt, options)).rejects.toThrow('stop must be left out');
  });

  it('a catalogue of 100,000 titles: every step allows what goes on to a title, and an abort ends its preparation', async () => {
    const words = 'red blue Night Train of the Sea Zürich drone calm end house café 東京'.split(' ');
    const title = (n: number) =>
      [0, 1, 2].map((i) => words[Math.floor(n / words.length ** i) % words.length]).join(' ');
    const choices = Array.from({ length: 100_000 }, (_, i) => `${title(i)} ${i}`);
    const walkTo = async (text: string) => {
      const walk = await openConstraint(model, { choices });
      for (const id of model.codec.encode(text)) {
        expect(Array.from(walk.allowed)).toContain(id);
        walk.advance(id);
      }
      return walk;
    };
    const walk = await walkTo(choices[77_777]!);
    expect([walk.isComplete, walk.allowed.length]).toEqual([true, 0]);
    const tenth = await walkTo(choices[7777]!);
    expect(tenth.isComplete).toBe(true);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    choices[6] = 'Something else';
    await expect(openConstraint(model, { choices }, controller.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('a catalogue that was changed in place is seen as changed', async () => {
    const choices = Array.from({ length: 2000 }, (_, i) => `Title ${i}`);
    await openConstraint(model, { choices });
    choices[0] = 'Something else';
    const walk = await openConstraint(model, { choices });
    for (const id of model.codec.encode('Something else')) walk.advance(id);
    expect(walk.isComplete).toBe(true);
  });
});
