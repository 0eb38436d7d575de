/** A model that thinks before it answers, and what an app says to its chat template. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Personalizer } from '../node.ts';
import { ANSWER, STORY, type TEMPLATES, THOUGHT, thinkingModel } from '../testing/thinking-model.ts';
import { loadDefaultModel } from './default-model.ts';

type Opened = Awaited<ReturnType<typeof Personalizer.create>>;

const GREEDY = { temperature: 0, maxTokens: 40 } as const;
const OFF = { templateVariables: { enable_thinking: false } } as const;

const opened: Partial<Record<keyof typeof TEMPLATES, Opened>> = {};
beforeAll(async () => {
  const { model } = await loadDefaultModel();
  for (const template of ['switched', 'opened', 'keeping'] as const) {
    opened[template] = await Personalizer.create({
      model: await thinkingModel(model, template),
    });
  }
});
const session = (template: keyof typeof TEMPLATES, options = {}) => opened[template]!.createSession(options);

describe('a thought', () => {
  it('that the model opens is kept apart from the text', async () => {
    const [texts, thoughts]: [string[], string[]] = [[], []];
    const result = await (await session('switched')).generate(STORY, {
      ...GREEDY,
      onText: (text) => texts.push(text),
      onReasoning: (text) => thoughts.push(text),
    });
    expect(result).toMatchObject({ text: ANSWER, reasoning: THOUGHT, finishReason: 'end' });
    expect(result.reasoningTokens).toBe(9);
    expect(result.tokenIds).toHaveLength(15);
    expect(texts.join('')).toBe(ANSWER);
    expect(thoughts.join('')).toBe(THOUGHT);
    expect(thoughts.length).toBeGreaterThan(4);
  });

  it('streams as text only what is answer', async () => {
    const pieces: string[] = [];
    for await (const piece of (await session('switched')).promptStreaming(STORY, GREEDY)) pieces.push(piece);
    expect(pieces.join('')).toBe(ANSWER);
  });

  it('that the template has opened goes on until its mark', async () => {
    const result = await (await session('opened')).generate(STORY, { ...GREEDY, maxTokens: 60 });
    expect(result.reasoning).toBeTruthy();
    expect(result.text).not.toContain(result.reasoning);
    expect(result.text).not.toContain('think>');
    const cut = await (await session('opened')).generate(STORY, { ...GREEDY, maxTokens: 2 });
    expect(cut).toMatchObject({ text: '', reasoningTokens: 2, finishReason: 'length' });
    expect(result.reasoning!.startsWith(cut.reasoning!)).toBe(true);
  });

  it('may have what stops an answer', async () => {
    const stop = ['remedy', 'as duly'];
    const result = await (await session('switched')).generate(STORY, { ...GREEDY, stop });
    expect(result).toMatchObject({ reasoning: THOUGHT, text: 'calmer nerves, ', finishReason: 'stop' });
  });

  it('comes before an answer that keeps to a constraint, and never in place of it', async () => {
    const constraint = { choices: ['drone', 'nerves'] };
    const result = await (await session('switched')).generate(STORY, { ...GREEDY, constraint });
    expect(result.reasoning).toBe(THOUGHT);
    expect(constraint.choices).toContain(result.text);
    const silent = await (await session('switched', OFF)).generate(STORY, { ...GREEDY, constraint });
    expect(silent.reasoning).toBeUndefined();
    expect(constraint.choices).toContain(silent.text);
    const begun = await (await session('opened')).generate(STORY, { ...GREEDY, maxTokens: 100, constraint });
    // The model may think to the end of its budget, but not end there.
    if (begun.finishReason === 'end') expect(constraint.choices).toContain(begun.text);
    else expect(begun).toMatchObject({ text: '', finishReason: 'length' });
  });

  it('is not begun by what a user says', async () => {
    const result = await (await session('switched', OFF)).generate(`${STORY}<think>`, GREEDY);
    expect(result.reasoning).toBeUndefined();
    expect(result.reasoningTokens).toBe(0);
  });

  it('leaves the conversation, or stays in it, as the template has it', async () => {
    const told = (template: keyof typeof TEMPLATES, thought = {}) =>
      session(template, {
        initialPrompts: [
          { role: 'user', content: STORY },
          { role: 'assistant', content: ANSWER, ...thought },
        ],
      });
    const said = async (template: keyof typeof TEMPLATES) => {
      const talk = await session(template);
      await talk.prompt(STORY, GREEDY);
      return talk;
    };
    expect((await said('switched')).contextUsage).toBe((await told('switched')).contextUsage);
    // At least seven tokens of thought and two marks.
    const whole = await told('keeping', { reasoning: THOUGHT });
    expect((await said('keeping')).contextUsage).toBe(whole.contextUsage);
    expect((await said('keeping')).contextUsage).toBeGreaterThan((await told('keeping')).contextUsage + 8);
    const [first, second] = [await said('switched'), await told('switched')];
    expect(await first.prompt('And then?', GREEDY)).toBe(await second.prompt('And then?', GREEDY));
  });

  it('leaves no place for a prefix or a candidate where the template begins it', async () => {
    const talk = await session('opened');
    const prefixed = [
      { role: 'user', content: STORY },
      { role: 'assistant', content: 'The', prefix: true },
    ] as const;
    const refusal = { code: 'invalid-argument', message: expect.stringContaining('begins a thought') };
    await expect(talk.prompt(prefixed, GREEDY)).rejects.toMatchObject(refusal);
    await expect(talk.rank(STORY, ['drone'])).rejects.toMatchObject(refusal);
    await expect((await session('switched')).rank(STORY, ['drone'])).resolves.toHaveLength(1);
  });
});

it.each([
  ['a user', { role: 'user', content: 'x', reasoning: 'y' }],
  ['an answer that goes on', { role: 'assistant', content: 'x', prefix: true, reasoning: 'y' }],
  ['no text', { role: 'assistant', content: 'x', reasoning: 1 }],
])('the reasoning of %s is refused', async (_, message) => {
  const refusal = {
    code: 'invalid-argument',
    message: expect.stringContaining('the reasoning of message 1'),
  };
  await expect((await session('switched')).prompt([message as never])).rejects.toMatchObject(refusal);
});

describe('template variables', () => {
  it('reach the template in every turn, and a clone', async () => {
    const [on, off] = [await session('switched'), await session('switched', OFF)];
    const [thinks, silent] = [await on.generate(STORY, GREEDY), await off.generate(STORY, GREEDY)];
    expect(silent.promptTokens).toBeGreaterThan(thinks.promptTokens);
    expect(silent.reasoning).toBeUndefined();
    const asked = 'Story: solar kettle, Brightwell, Marin, slow mornings';
    const expected = await (await off.clone()).generate(asked, GREEDY);
    const next = await off.generate(asked, GREEDY);
    expect(next.tokenIds).toEqual(expected.tokenIds);
    expect(next.reasoning).toBeUndefined();
  });

  it('spell no special tokens', async () => {
    const { model } = await loadDefaultModel();
    const config = JSON.parse(await model.files['tokenizer_config.json']!.text());
    const chat_template = `{{ tone }}{{ style.name }}${config.chat_template}`;
    const files = {
      ...model.files,
      'tokenizer_config.json': new Blob([JSON.stringify({ ...config, chat_template })]),
    };
    await using personalizer = await Personalizer.create({ model: { ...model, files } });
    const usage = async (templateVariables: object) =>
      (
        await personalizer.createSession({
          initialPrompts: [{ role: 'user', content: STORY }],
          templateVariables: { ...templateVariables },
        })
      ).contextUsage;
    const plain = await usage({});
    expect(await usage({ tone: '</s>' })).toBeGreaterThan(plain + 1);
    expect(await usage({ style: { name: '</s>' } })).toBe(await usage({ tone: '</s>' }));
    expect(await usage({ tone: null, style: { name: ['x', 1, true] } })).toBeGreaterThan(plain);
  });

  it.each([
    ['a name of the template’s own', { messages: [] }, 'messages must be left out'],
    ['a special token', { bos_token: '' }, 'bos_token must be left out'],
    ['what Jinja has', { range: 1 }, 'range must be left out'],
    ['no name', { 'enable-thinking': true }, 'each name must be letters'],
    ['a function', { enable_thinking: () => true }, 'enable_thinking must be a JSON value'],
    ['no number', { enable_thinking: Number.NaN }, 'enable_thinking must be a JSON value'],
    ['a date', { enable_thinking: new Date(0) }, 'enable_thinking must be a JSON value'],
    ['what the template does not read', { enable_thinkng: true }, 'has no enable_thinkng'],
    ['a list', [], 'must be an object'],
  ])('refuse %s', async (_, templateVariables, message) => {
    await expect(session('switched', { templateVariables })).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringContaining(message),
    });
  });

  it('refuse what leads back to itself', async () => {
    const round: Record<string, unknown> = {};
    round.round = round;
    await expect(session('switched', { templateVariables: { enable_thinking: round } })).rejects.toThrow(
      'nested at most 20 deep',
    );
  });
});
