/** Behaviour that the specification asks for, and that the platform's own tests look at, on the default model. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDefaultModel } from '../generate/default-model.ts';
import { Personalizer } from '../node.ts';
import { ANSWER, STORY, thinkingModel } from '../testing/thinking-model.ts';
import { createLanguageModel, type LanguageModelClass } from './index.ts';

const QUESTION = 'Story: pocket drone, Quillon, Rook, calmer nerves';
const most = { samplingMode: 'most-predictable' } as const;

describe('LanguageModel', () => {
  let LanguageModel: LanguageModelClass;
  let personalizer: Awaited<ReturnType<typeof Personalizer.create>>;
  beforeAll(async () => {
    const { model, projector, readers } = await loadDefaultModel();
    personalizer = await Personalizer.create({ model, projector });
    await personalizer.user.set(readers[0]!.embedding);
    LanguageModel = createLanguageModel(personalizer);
  });

  it('is available, and only for text', async () => {
    expect(await LanguageModel.availability()).toBe('available');
    expect(await LanguageModel.availability({ expectedInputs: [{ type: 'text', languages: ['en'] }] })).toBe(
      'available',
    );
    expect(await LanguageModel.availability({ expectedInputs: [{ type: 'image' }] })).toBe('unavailable');
    const create = LanguageModel.create({ expectedOutputs: [{ type: 'audio' }] });
    await expect(create).rejects.toMatchObject({ name: 'NotSupportedError' });
    await expect(LanguageModel.create({ tools: [{}] })).rejects.toMatchObject({ name: 'NotSupportedError' });
  });

  it('answers for the person whose soft token stands in the session', async () => {
    const session = await LanguageModel.create(most);
    const own = await (await personalizer.createSession()).prompt(QUESTION, { temperature: 0 });
    expect(await session.prompt(QUESTION)).toBe(own);
    let streamed = '';
    for await (const chunk of (await LanguageModel.create(most)).promptStreaming(QUESTION)) streamed += chunk;
    expect(streamed).toBe(own);
    const mean = await LanguageModel.create({ ...most, strength: 0 });
    expect(await mean.prompt(QUESTION)).not.toBe(own);
  });

  it('gives the answer without what the model thinks, and takes variables of its template', async () => {
    const { model } = await loadDefaultModel();
    await using thinking = await Personalizer.create({ model: await thinkingModel(model, 'switched') });
    const Thinker = createLanguageModel(thinking);
    expect(await (await Thinker.create(most)).prompt(STORY)).toBe(ANSWER);
    let streamed = '';
    for await (const chunk of (await Thinker.create(most)).promptStreaming(STORY)) streamed += chunk;
    expect(streamed).toBe(ANSWER);
    const off = { ...most, templateVariables: { enable_thinking: false } };
    const own = await thinking.createSession({ templateVariables: off.templateVariables });
    expect(await (await Thinker.create(off)).prompt(STORY)).toBe(await own.prompt(STORY, { temperature: 0 }));
    const wrong = Thinker.create({ templateVariables: { thinking: false } });
    await expect(wrong).rejects.toBeInstanceOf(TypeError);
  });

  it('grows by what is appended, exactly as was measured', async () => {
    const session = await LanguageModel.create();
    expect(session.contextUsage).toBe(0);
    const wanted = await session.measureContextUsage(QUESTION);
    expect(wanted).toBeGreaterThan(0);
    expect(await session.append(QUESTION)).toBeUndefined();
    expect(session.contextUsage).toBe(wanted);
    const clone = await session.clone();
    expect(clone.contextUsage).toBe(wanted);
    expect(clone.contextWindow).toBe(session.contextWindow);
    await session.append({} as never);
    expect(session.contextUsage).toBeGreaterThan(wanted);
    expect(clone.contextUsage).toBe(wanted);
  });

  it('takes calls while it answers, one after the other', async () => {
    const one = await LanguageModel.create(most);
    const [first, second] = await Promise.all([one.prompt(QUESTION), one.prompt('Tell me more.')]);
    const other = await LanguageModel.create(most);
    expect(first).toBe(await other.prompt(QUESTION));
    expect(second).toBe(await other.prompt('Tell me more.'));
  });

  it('an aborted call leaves nothing, whether it runs or waits, and others go on', async () => {
    const session = await LanguageModel.create(most);
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = session.prompt(QUESTION, { signal: running.signal });
    const second = session.prompt('never said', { signal: waiting.signal });
    const third = session.prompt(QUESTION);
    waiting.abort();
    await expect(second).rejects.toMatchObject({ name: 'AbortError' });
    running.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    expect(await third).toBe(await (await LanguageModel.create(most)).prompt(QUESTION));
    await expect(session.prompt('x', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('drops the oldest turns with an event, keeps what it began with, and refuses what can never fit', async () => {
    const initialPrompts = [
      { role: 'user', content: QUESTION },
      { role: 'assistant', content: 'A drone.' },
    ] as const;
    const session = await LanguageModel.create({ initialPrompts, ...most });
    let events = 0;
    session.oncontextoverflow = () => events++;
    const turn = `${QUESTION}. `.repeat(6);
    for (let i = 0; i < 8; i++) await session.append(turn);
    expect(events).toBeGreaterThan(0);
    expect(session.contextUsage).toBeLessThanOrEqual(session.contextWindow);
    const usage = session.contextUsage;
    const tooLong = session.prompt(turn.repeat(20));
    await expect(tooLong).rejects.toMatchObject({ name: 'QuotaExceededError' });
    const { requested, quota } = (await tooLong.catch((e: unknown) => e)) as {
      requested: number;
      quota: number;
    };
    expect(requested).toBeGreaterThan(quota);
    expect(session.contextUsage).toBe(usage);
    const huge = [{ role: 'user', content: turn.repeat(20) }] as const;
    await expect(LanguageModel.create({ initialPrompts: huge })).rejects.toMatchObject({
      name: 'QuotaExceededError',
    });
  });

  it.each([
    [
      'a system message that is not the first',
      [
        { role: 'user', content: 'x' },
        { role: 'system', content: 'y' },
      ],
      'TypeError',
    ],
    ['a role that is none', [{ role: 'x', content: 'y' }], 'TypeError'],
    ['no content', [{ role: 'user' }], 'TypeError'],
    ['a prefix of the user', [{ role: 'user', content: 'x', prefix: true }], 'SyntaxError'],
    ['an image', [{ role: 'user', content: [{ type: 'image', value: 'x' }] }], 'NotSupportedError'],
    ['a text that is none', [{ role: 'user', content: [{ type: 'text', value: 7 }] }], 'TypeError'],
  ])('refuses %s', async (_, input, name) => {
    const session = await LanguageModel.create();
    await expect(session.prompt(input as never)).rejects.toMatchObject({ name });
    await expect(session.append(input as never)).rejects.toMatchObject({ name });
  });

  it('samples as it was told', async () => {
    expect((await LanguageModel.create()).samplingMode).toBe('balanced');
    const chosen = await LanguageModel.create({ temperature: 9, topK: 3.7 });
    expect(chosen).toMatchObject({ temperature: 2, topK: 3, samplingMode: null });
    await expect(LanguageModel.create({ temperature: -1 })).rejects.toThrow(RangeError);
    await expect(LanguageModel.create({ topK: 0 })).rejects.toThrow(RangeError);
    await expect(LanguageModel.create({ ...most, topK: 3 })).rejects.toThrow(TypeError);
  });

  it('tells of its download, and can be given up from outside', async () => {
    const loaded: number[] = [];
    const controller = new AbortController();
    const session = await LanguageModel.create({
      signal: controller.signal,
      monitor: (target) =>
        target.addEventListener('downloadprogress', (event) => loaded.push((event as ProgressEvent).loaded)),
    });
    expect(loaded.at(-1)).toBe(1);
    const running = session.prompt(QUESTION);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await expect(session.prompt('x')).rejects.toMatchObject({ name: 'AbortError' });
    await expect(LanguageModel.create({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it('answers within a JSON Schema or a regular expression, and says what it does not support', async () => {
    const session = await LanguageModel.create({ temperature: 1.5 });
    const schema = {
      type: 'object',
      properties: { rating: { type: 'integer', minimum: 0, maximum: 5 } },
      required: ['rating'],
      additionalProperties: false,
    };
    const { rating } = JSON.parse(await session.prompt(QUESTION, { responseConstraint: schema }));
    expect([0, 1, 2, 3, 4, 5]).toContain(rating);
    const hex = /^[0-9a-f]{4}$/;
    expect(await session.prompt(QUESTION, { responseConstraint: hex })).toMatch(hex);
    const unknown = session.prompt(QUESTION, {
      responseConstraint: { type: 'object', dependentRequired: {} },
    });
    await expect(unknown).rejects.toMatchObject({ name: 'NotSupportedError' });
    await expect(session.prompt(QUESTION, { responseConstraint: 'x' as never })).rejects.toThrow(TypeError);
    const omitted = session.measureContextUsage(QUESTION, { omitResponseConstraintInput: true });
    await expect(omitted).rejects.toThrow(TypeError);
  });
});
