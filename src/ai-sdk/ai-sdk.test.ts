/** The SDK's own functions on the default model, beside the library's sessions. */
import {
  generateObject,
  generateText,
  jsonSchema,
  type ModelMessage,
  Output,
  streamObject,
  streamText,
  tool,
} from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DefaultModel, loadDefaultModel } from '../generate/default-model.ts';
import { Personalizer } from '../node.ts';
import { ANSWER, STORY, THOUGHT, thinkingModel } from '../testing/thinking-model.ts';
import { createE2P, type E2PLanguageModel, type E2PProviderOptions } from './index.ts';

const greedy = { temperature: 0, maxRetries: 0 } as const;
const e2p = (options: E2PProviderOptions) => ({ providerOptions: { e2p: options } });

describe('createE2P', () => {
  let personalizer: Personalizer;
  let model: E2PLanguageModel;
  let readers: DefaultModel['readers'];
  let prompt: string;

  beforeAll(async () => {
    globalThis.AI_SDK_LOG_WARNINGS = false;
    const { model: files, projector, stories, ...others } = await loadDefaultModel();
    readers = others.readers;
    prompt = stories[0]!;
    personalizer = await Personalizer.create({ model: files, projector });
    model = createE2P(personalizer);
  });
  beforeEach(() => personalizer.user.set(readers[0]!.embedding));
  afterAll(() => personalizer.destroy());

  const prompted = async (input = prompt, options = {}) => {
    await using session = await personalizer.createSession(options);
    return await session.generate(input, { temperature: 0 });
  };

  it('answers as a session does, with the same counts of tokens', async () => {
    const own = await prompted();
    const answer = await generateText({ model, prompt, ...greedy });
    expect(answer.text).toBe(own.text);
    expect(answer.finishReason).toBe('stop');
    expect(answer.usage).toMatchObject({
      inputTokens: own.promptTokens,
      outputTokens: own.tokenIds.length,
      totalTokens: own.promptTokens + own.tokenIds.length,
    });
    expect(answer.finalStep.providerMetadata?.e2p).toMatchObject({ softTokens: own.softTokens });
    expect(answer.response.modelId).toBe('e2p-tiny');
    expect(answer.warnings).toEqual([]);
  });

  it('streams the same text in pieces', async () => {
    const own = await prompted();
    const { textStream, finishReason, usage } = streamText({ model, prompt, ...greedy });
    const pieces: string[] = [];
    for await (const piece of textStream) pieces.push(piece);
    expect(pieces.join('')).toBe(own.text);
    expect(pieces.length).toBeGreaterThan(1);
    expect(await finishReason).toBe('stop');
    expect(await usage).toMatchObject({ inputTokens: own.promptTokens, outputTokens: own.tokenIds.length });
  });

  it('answers for the person who is set, as strongly as the call says', async () => {
    const first = await generateText({ model, prompt, ...greedy });
    await personalizer.user.set(readers[1]!.embedding);
    const second = await generateText({ model, prompt, ...greedy });
    expect(second.text).not.toBe(first.text);

    const mean = await generateText({ model, prompt, ...greedy, ...e2p({ strength: 0 }) });
    expect(mean.text).toBe((await prompted(prompt, { strength: 0 })).text);
    const bare = await generateText({ model, prompt, ...greedy, ...e2p({ personalise: false }) });
    expect(bare.text).toBe((await prompted(prompt, { personalise: false })).text);
    expect(bare.finalStep.providerMetadata?.e2p).toMatchObject({ softTokens: 0 });
  });

  it('reads a conversation, and goes on from the first words of an answer', async () => {
    const said = { system: 'Be brief.', user: prompt, assistant: 'A drone.', again: 'Another.' };
    const messages: ModelMessage[] = [
      { role: 'user', content: [{ type: 'text', text: said.user }] },
      { role: 'assistant', content: said.assistant },
      { role: 'user', content: said.again },
    ];
    const answer = await generateText({ model, instructions: said.system, messages, ...greedy });
    await using session = await personalizer.createSession();
    const own = await session.generate(
      [
        { role: 'system', content: said.system },
        { role: 'user', content: said.user },
        { role: 'assistant', content: said.assistant },
        { role: 'user', content: said.again },
      ],
      { temperature: 0 },
    );
    expect(answer.text).toBe(own.text);
    expect(answer.usage.inputTokens).toBe(own.promptTokens);

    const whole = (await prompted()).text;
    const begun = whole.slice(0, whole.indexOf(' '));
    const rest = await generateText({
      model,
      messages: [
        { role: 'user', content: prompt },
        { role: 'assistant', content: begun },
      ],
      ...greedy,
    });
    expect(begun + rest.text).toBe(whole);
  });

  it('samples the same text again from the same seed', async () => {
    const sampled = { model, prompt, temperature: 1.5, topK: 50, topP: 0.95, maxRetries: 0 };
    const texts = await Promise.all(
      [1, 1, 2, 3].map(async (seed) => (await generateText({ ...sampled, seed })).text),
    );
    expect(texts[1]).toBe(texts[0]);
    expect(new Set(texts).size).toBeGreaterThan(1);
  });

  it('ends before a stop sequence, and at the most tokens', async () => {
    const { text } = await prompted();
    const stop = text.slice(5, 9);
    const stopped = await generateText({ model, prompt, ...greedy, stopSequences: [stop] });
    expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(stopped).toMatchObject({ finishReason: 'stop', rawFinishReason: 'stop' });
    const cut = await generateText({ model, prompt, ...greedy, maxOutputTokens: 3 });
    expect(cut.finishReason).toBe('length');
    expect(cut.usage.outputTokens).toBe(3);
  });

  it('is aborted before it begins and while it streams, and answers afterwards', async () => {
    const reason = new DOMException('enough', 'AbortError');
    const aborted = generateText({ model, prompt, ...greedy, abortSignal: AbortSignal.abort(reason) });
    await expect(aborted).rejects.toThrow('enough');

    const controller = new AbortController();
    const { fullStream } = streamText({ model, prompt, ...greedy, abortSignal: controller.signal });
    const types: string[] = [];
    for await (const part of fullStream) {
      types.push(part.type);
      if (part.type === 'text-delta') controller.abort();
    }
    expect(types.at(-1)).toBe('abort');
    expect(types).not.toContain('finish');
    expect((await generateText({ model, prompt, ...greedy })).text).toBe((await prompted()).text);
  });

  it('ends its session where the reader of a stream goes away', async () => {
    let ended = 0;
    const counting = createE2P({
      model: personalizer.model,
      createSession: async (options) => {
        const session = await personalizer.createSession(options);
        const destroy = session.destroy.bind(session);
        session.destroy = () => {
          ended++;
          return destroy();
        };
        return session;
      },
    });
    const user = [{ role: 'user' as const, content: [{ type: 'text' as const, text: prompt }] }];
    const { stream } = await counting.doStream({ prompt: user });
    const reader = stream.getReader();
    for (let type = ''; type !== 'text-delta'; ) type = (await reader.read()).value!.type;
    await reader.cancel();
    await expect.poll(() => ended).toBe(1);
  });

  it('gives one of some choices, as the SDK parses them', async () => {
    const options = ['drone', 'city council', 'football'];
    const chosen = await generateText({ model, prompt, ...greedy, output: Output.choice({ options }) });
    expect(options).toContain(chosen.output);
    const { object } = await generateObject({ model, prompt, ...greedy, output: 'enum', enum: options });
    expect(object).toBe(chosen.output);
    const streamed = streamText({ model, prompt, ...greedy, output: Output.choice({ options }) });
    expect(await streamed.output).toBe(chosen.output);

    const ended = await generateText({
      ...{ model, prompt, ...greedy, output: Output.choice({ options }), stopSequences: ['"'] },
    });
    expect(ended.output).toBe(chosen.output);
    expect(ended.warnings).toMatchObject([{ type: 'unsupported', feature: 'stopSequences' }]);
  });

  it('gives an object that the schema validates, at once and in pieces', async () => {
    const schema = jsonSchema<{ title: string; stars: number; tags: string[] }>({
      type: 'object',
      properties: {
        title: { type: 'string', maxLength: 30 },
        // As zod has a whole number.
        stars: { type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        tags: { type: 'array', items: { type: 'string', enum: ['new', 'old'] }, minItems: 1, maxItems: 2 },
      },
      required: ['title', 'stars', 'tags'],
      additionalProperties: false,
    });
    const { output, warnings } = await generateText({
      ...{ model, prompt, ...greedy, output: Output.object({ schema }) },
    });
    expect(warnings).toEqual([]);
    expect(output.title.length).toBeLessThanOrEqual(30);
    expect(output.stars).toBeTypeOf('number');
    expect(['new', 'old']).toContain(output.tags[0]);
    expect((await generateObject({ model, prompt, ...greedy, schema })).object).toEqual(output);
    const streamed = streamObject({ model, prompt, ...greedy, schema });
    const pieces: unknown[] = [];
    for await (const piece of streamed.partialObjectStream) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(3);
    expect(await streamed.object).toEqual(output);
  });

  it('refuses a schema that it cannot keep to, and warns where there is none', async () => {
    const schema = jsonSchema({ type: 'string', format: 'email' });
    const refused = generateText({ model, prompt, ...greedy, output: Output.object({ schema }) });
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument' });
    const { warnings, text } = streamText({ model, prompt, ...greedy, output: Output.json() });
    expect(await text).toBe((await prompted()).text);
    expect(await warnings).toMatchObject([{ type: 'unsupported', feature: 'responseFormat' }]);
  });

  it('gives what the model thinks as reasoning, at once and in pieces, unless its template is told not to', async () => {
    const { model: files } = await loadDefaultModel();
    await using thinking = await Personalizer.create({ model: await thinkingModel(files, 'switched') });
    const thinker = { model: createE2P(thinking), prompt: STORY, ...greedy };
    const answer = await generateText(thinker);
    expect([answer.reasoningText, answer.text]).toEqual([THOUGHT, ANSWER]);
    expect(answer.usage.outputTokenDetails).toEqual({ reasoningTokens: 9, textTokens: 6 });
    const { fullStream, text, reasoningText } = streamText(thinker);
    const types: string[] = [];
    for await (const { type } of fullStream) if (types.at(-1) !== type) types.push(type);
    expect(types.filter((type) => /^(reasoning|text)-/.test(type))).toEqual([
      ...['reasoning-start', 'reasoning-delta', 'reasoning-end', 'text-start', 'text-delta', 'text-end'],
    ]);
    expect([await reasoningText, await text]).toEqual([THOUGHT, ANSWER]);
    const { prompt: asked, ...more } = thinker;
    const said: ModelMessage[] = [
      { role: 'user', content: asked },
      ...answer.response.messages,
      { role: 'user', content: 'And then?' },
    ];
    const second = await generateText({ ...more, messages: said });
    expect(second.warnings).toEqual([]);
    await using talk = await thinking.createSession();
    await talk.prompt(asked, { temperature: 0 });
    const own = await talk.generate('And then?', { temperature: 0 });
    expect([second.text, second.usage.inputTokens]).toEqual([own.text, own.promptTokens]);
    const off = await generateText({
      ...thinker,
      ...e2p({ templateVariables: { enable_thinking: false } }),
    });
    expect(off.reasoningText).toBeUndefined();
  });

  it('warns of what it leaves out', async () => {
    const answer = await generateText({
      ...{ model, prompt, ...greedy, frequencyPenalty: 1, presencePenalty: 1, reasoning: 'high' },
      tools: { look: tool({ inputSchema: jsonSchema({ type: 'object', properties: {} }) }) },
    });
    expect(answer.warnings?.map((warning) => 'feature' in warning && warning.feature)).toEqual([
      'frequencyPenalty',
      'presencePenalty',
      'tools',
      'reasoning',
    ]);
    expect(answer.text).toBe((await prompted()).text);
  });

  it('refuses what it cannot read, without fetching it', async () => {
    const url = 'http://127.0.0.1:9/cat.png';
    const content = [{ type: 'image', image: new URL(url) }] as const;
    const image = generateText({ model, ...greedy, messages: [{ role: 'user', content: [...content] }] });
    await expect(image).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining('message 1 has a part of type file'),
    });
    const misspelt = generateText({ model, prompt, ...greedy, providerOptions: { e2p: { strenght: 1 } } });
    await expect(misspelt).rejects.toMatchObject({ code: 'invalid-argument' });
    const long = streamText({ model, prompt: prompt.repeat(200), ...greedy, onError: () => undefined });
    const parts = [];
    for await (const part of long.fullStream) parts.push(part);
    expect(parts).toContainEqual({
      type: 'error',
      error: expect.objectContaining({ code: 'context-overflow' }),
    });
  });
});
