/** Many users answered in one batch: each exactly as alone, whatever stands in the other rows, and each with its own error. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { type BatchOutcome, type BatchRequest, Personalizer } from '../node.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { sourceOf, zooFolder } from '../testing/zoo/zoo-folder.ts';
import { someVector } from '../testing/zoo/zoo-run.ts';
import { loadDefaultModel } from './default-model.ts';
import { Engine } from './engine.ts';
import { runBatch } from './generate-batch.ts';
import { generateText } from './generate-text.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const GREEDY = { temperature: 0, maxTokens: 32 } as const;

const textOf = (outcome: BatchOutcome | undefined) =>
  outcome?.status === 'fulfilled' ? outcome.value.text : outcome?.reason.code;

describe('a batch of users', () => {
  let personalizer: Personalizer;
  let requests: BatchRequest[];
  beforeAll(async () => {
    const { projector, readers, stories } = await loadDefaultModel();
    personalizer = await Personalizer.create({ model: folder, dtype: 'fp32', projector });
    requests = readers.slice(0, 9).map(({ embedding }, i) => ({
      user: embedding,
      // Of different lengths, and one for nobody.
      prompt: [stories[i % 3], stories[i % 2]].slice(0, 1 + (i % 2)).join('\n'),
      ...(i === 4 && { user: undefined as never }),
      ...(i === 5 && { strength: 0.5 }),
    }));
    delete (requests[4] as { user?: unknown }).user;
  });
  afterAll(() => personalizer.destroy());

  async function alone(
    { user, strength, prompt }: BatchRequest,
    options: object,
  ): Promise<readonly number[]> {
    if (user === undefined) await personalizer.user.clear();
    else await personalizer.user.set(user);
    await using session = await personalizer.createSession(strength === undefined ? {} : { strength });
    return (await session.generate(prompt, options)).tokenIds;
  }
  const idsOf = (outcomes: readonly BatchOutcome[]) =>
    outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.tokenIds : outcome.reason));

  it.each([
    ['greedy', GREEDY],
    ['drawn', { temperature: 1.2, topP: 0.9, repetitionPenalty: 1.2, seed: 3, maxTokens: 24 }],
    ['held to a constraint', { ...GREEDY, constraint: { regexp: /[A-Z][a-z ]{5,40}\./ } }],
    ['stopped', { ...GREEDY, stop: [' by', ' for'] }],
  ])('writes for each what it would write alone, in their order: %s', async (_, options) => {
    const expected: (readonly number[])[] = [];
    for (const request of requests) expected.push(await alone(request, options));
    for (const batchSize of [1, 4, 16]) {
      const outcomes = await personalizer.generateBatch(requests, { ...options, batchSize });
      expect(idsOf(outcomes), `batches of ${batchSize}`).toEqual(expected);
    }
    expect(new Set(expected.map(String)).size).toBeGreaterThan(5);
  });

  it('tells each outcome once, as soon as it is known', async () => {
    const told: number[] = [];
    const outcomes = await personalizer.generateBatch(requests, {
      ...{ ...GREEDY, batchSize: 3 },
      onResult: (outcome, index) => {
        told.push(index);
        expect(outcome.status).toBe('fulfilled');
      },
    });
    expect(told.toSorted((a, b) => a - b)).toEqual([...outcomes.keys()]);
    const [first] = outcomes;
    expect(first).toMatchObject({ value: { softTokens: 1, cachedTokens: 0, reasoningTokens: 0 } });
    expect(await personalizer.generateBatch([])).toEqual([]);
  });

  it('keeps what is wrong with one from the others', async () => {
    const { user } = requests[0]!;
    const [good, , other] = requests;
    const wrong = [
      { ...good!, user: { ...user!, space: 'another' } },
      { ...good!, user: { ...user!, values: [1] } },
      { ...good!, prompt: 'Story '.repeat(600) },
      { ...good!, strength: -1 },
      { ...good!, strenght: 1 } as BatchRequest,
      { ...good!, prompt: 7 as never },
      null as never,
    ];
    const outcomes = await personalizer.generateBatch([good!, ...wrong, other!], GREEDY);
    const expected = await personalizer.generateBatch([good!, other!], GREEDY);
    expect(outcomes.map(textOf)).toEqual([
      textOf(expected[0]),
      ...['invalid-embedding', 'invalid-embedding', 'context-overflow'],
      ...['invalid-argument', 'invalid-argument', 'invalid-argument', 'invalid-argument'],
      textOf(expected[1]),
    ]);
  });

  it('leaves a row room that it has beside a longer one', async () => {
    const session = await personalizer.createSession({ personalise: false });
    const share = (await session.measureContextUsage('Story, '.repeat(100))) / 100;
    const long = { prompt: 'Story, '.repeat(Math.floor((session.contextWindow - 20) / share)) };
    const options = { temperature: 0, maxTokens: 40, constraint: { regexp: '[a-z ]{300}' } } as const;
    const outcomes = await personalizer.generateBatch([long, { prompt: 'Story' }], options);
    const [cut, whole] = idsOf(outcomes);
    expect(cut.length).toBeLessThan(whole.length);
    expect(whole).toHaveLength(40);
  });

  it('stops where it is aborted, and where its personalizer is destroyed', async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const aborted = personalizer.generateBatch(requests, {
      ...{ ...GREEDY, batchSize: 2, signal: controller.signal },
      onResult: (_, index) => {
        told.push(index);
        controller.abort(new Error('enough'));
      },
    });
    await expect(aborted).rejects.toThrow('enough');
    expect(told.length).toBeLessThan(requests.length);
    const other = await Personalizer.create({ model: folder, dtype: 'fp32' });
    const running = other.generateBatch([{ prompt: 'Story' }, { prompt: 'More' }], { maxTokens: 200 });
    const refused = expect(running).rejects.toMatchObject({ code: 'destroyed' });
    await other.destroy();
    await refused;
    await expect(other.generateBatch([])).rejects.toMatchObject({ code: 'destroyed' });
    expect(textOf((await personalizer.generateBatch(requests.slice(0, 1), GREEDY))[0])).toBeTypeOf('string');
  });

  it.each([
    ['batchSize', { batchSize: 0 }],
    ['maxTokens', { maxTokens: 0 }],
    ['temperature', { temperature: -1 }],
    ['onText', { onText: () => undefined }],
    ['onResult', { onResult: 1 }],
    ['regexp', { constraint: { regexp: '\\b' } }],
    ['templateVariables', { templateVariables: { thinking: true } }],
  ])('refuses options of no use: %s', async (_, options) => {
    const refused = personalizer.generateBatch(requests, options as never);
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

/** With padding behind, in front, none, and with a scale for all rows. */
const STYLES = [
  ...['genai, q4', 'Optimum, fp32, position_ids', 'Optimum, fp32, positions counted'],
  ...['hybrid with convolution state', 'Optimum, int8, rows dequantised behind the lookup'],
];
describe.each(ZOO.filter(({ name }) => STYLES.includes(name)))('$name in batches', (style) => {
  it('writes what it writes alone', async () => {
    const model = await loadBaseModel({ source: sourceOf(zooFolder(style)), dtypes: ['fp32'] });
    const engine = await Engine.create({ model, runtime: createNodeRuntime() });
    const prompts = [5, 9, 5, 12, 2].map((length, row) => ({
      ids: Array.from({ length }, (_, i) => (i * 7 + row * 3) % 40),
      soft: new Map([[1, someVector(`user ${row}`)]]),
    }));
    const options = { temperature: 0, maxTokens: 6 };
    const expected = [];
    for (const prompt of prompts)
      expected.push((await generateText(engine, prompt, options)).result.tokenIds);
    const outcomes: BatchOutcome[] = [];
    const rows = prompts.map((prompt, i) => ({
      ...{ prompt, isBegun: false },
      settle: (outcome: BatchOutcome) => {
        outcomes[i] = outcome;
      },
    }));
    await runBatch(engine, rows, { ...options, batchSize: 3 });
    expect(outcomes.map((o) => (o.status === 'fulfilled' ? o.value.tokenIds : o.reason))).toEqual(expected);
    await engine.release();
  });
});
