/** What is said to a session besides one text after another, on the default model. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Personalizer } from '../node.ts';
import { loadDefaultModel } from './default-model.ts';

type Opened = Awaited<ReturnType<typeof Personalizer.create>>;

const QUESTION = 'Story: pocket drone, Quillon, Rook, calmer nerves';
const GREEDY = { temperature: 0, maxTokens: 12 } as const;

describe('a conversation', () => {
  let personalizer: Opened;
  let story: string;
  beforeAll(async () => {
    const { model, projector, readers, stories } = await loadDefaultModel();
    personalizer = await Personalizer.create({ model, projector });
    await personalizer.user.set(readers[0]!.embedding);
    story = stories[0]!;
  });

  it('takes messages as it takes a text, and parts of a message as one', async () => {
    const one = await (await personalizer.createSession()).prompt(QUESTION, GREEDY);
    const parts = [
      { type: 'text', value: QUESTION.slice(0, 9) },
      { type: 'text', value: QUESTION.slice(9) },
    ] as const;
    const session = await personalizer.createSession();
    expect(await session.prompt([{ role: 'user', content: parts }], GREEDY)).toBe(one);
  });

  it('goes on from the first words of the answer, and remembers both', async () => {
    const free = await (await personalizer.createSession()).prompt(QUESTION, GREEDY);
    const prefix = free.slice(0, free.indexOf(' ', 8));
    const session = await personalizer.createSession();
    const rest = await session.prompt(
      [
        { role: 'user', content: QUESTION },
        { role: 'assistant', content: prefix, prefix: true },
      ],
      GREEDY,
    );
    expect((prefix + rest).startsWith(free)).toBe(true);
    const told = await personalizer.createSession({
      initialPrompts: [
        { role: 'user', content: QUESTION },
        { role: 'assistant', content: prefix + rest },
      ],
    });
    expect(session.contextUsage).toBe(told.contextUsage);
  });

  it('reads ahead what is appended, and answers as if it had been there', async () => {
    const messages = [
      { role: 'user', content: QUESTION },
      { role: 'assistant', content: 'The drone calms Rook.' },
    ] as const;
    const told = await personalizer.createSession({ initialPrompts: messages });
    const appended = await personalizer.createSession();
    await appended.append(messages);
    const [expected, found] = [await told.generate(story, GREEDY), await appended.generate(story, GREEDY)];
    expect(found.text).toBe(expected.text);
    expect(expected.cachedTokens).toBe(0);
    expect(found.cachedTokens).toBeGreaterThan(20);
  });

  it('says how much of the context it uses, and would use', async () => {
    const session = await personalizer.createSession();
    expect(session.personalised).toBe(true);
    expect(session.contextUsage).toBe(0);
    expect(session.contextWindow).toBe(512);
    const wanted = await session.measureContextUsage(QUESTION);
    expect(wanted).toBeGreaterThan(10);
    await session.append(QUESTION);
    expect(session.contextUsage).toBe(wanted);
    const { promptTokens } = await session.generate(story, GREEDY);
    expect(session.contextUsage).toBeGreaterThan(promptTokens);
    expect((await session.clone()).contextUsage).toBe(session.contextUsage);
    const bare = await personalizer.createSession({ personalise: false });
    expect(bare.personalised).toBe(false);
    // The soft token is one of them.
    expect(await bare.measureContextUsage(QUESTION)).toBe(wanted - 1);
  });

  it('fails where it has grown too long, or drops the oldest turns, and says so', async () => {
    const first = { role: 'user', content: `First of all: ${QUESTION}` } as const;
    const answer = { role: 'assistant', content: 'A drone.' } as const;
    const failing = await personalizer.createSession({ initialPrompts: [first, answer] });
    const dropping = await personalizer.createSession({
      ...{ initialPrompts: [first, answer], overflow: 'drop-oldest' },
    });
    const events: string[] = [];
    dropping.addEventListener('contextoverflow', ({ type }) => events.push(type));
    dropping.oncontextoverflow = () => events.push('on');
    const unit = await dropping.measureContextUsage(QUESTION);
    const long = `${QUESTION}. `.repeat(Math.floor(180 / unit));
    for (const session of [dropping, failing]) {
      for (let turn = 0; turn < 2; turn++) await session.prompt(long, GREEDY);
    }
    expect(events).toEqual([]);
    await dropping.prompt(long, GREEDY);
    expect(events.slice(0, 2)).toEqual(['on', 'contextoverflow']);
    expect(dropping.contextUsage).toBeLessThan(512);
    await expect(failing.prompt(long, GREEDY)).rejects.toMatchObject({ code: 'context-overflow' });
    const endless = `${QUESTION}. `.repeat(40);
    const usage = dropping.contextUsage;
    await expect(dropping.prompt(endless, GREEDY)).rejects.toMatchObject({ code: 'context-overflow' });
    expect(dropping.contextUsage).toBe(usage);
  });

  it('streams by a real ReadableStream, which a reader may cancel', async () => {
    const session = await personalizer.createSession();
    const stream = session.promptStreaming(QUESTION, { ...GREEDY, maxTokens: 200 });
    expect(stream).toBeInstanceOf(ReadableStream);
    const reader = stream.getReader();
    expect((await reader.read()).value).toBeTypeOf('string');
    await reader.cancel();
    expect(session.contextUsage).toBe(0);
    const text = await session.prompt(QUESTION, GREEDY);
    let streamed = '';
    for await (const piece of (await personalizer.createSession()).promptStreaming(QUESTION, GREEDY))
      streamed += piece;
    expect(streamed).toBe(text);
  });

  it.each([
    ['a prefix of the user', [{ role: 'user', content: 'x', prefix: true }]],
    [
      'a prefix before the end',
      [
        { role: 'assistant', content: 'x', prefix: true },
        { role: 'user', content: 'y' },
      ],
    ],
    ['an image', [{ role: 'user', content: [{ type: 'image', value: 'marzipan' }] }]],
    ['a field that is none', [{ role: 'user', content: 'x', name: 'marzipan' }]],
  ])('refuses %s, and repeats nothing', async (_, input) => {
    const session = await personalizer.createSession();
    const outcome = session.prompt(input as never);
    await expect(outcome).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(outcome).rejects.not.toThrow(/marzipan/);
  });

  it('takes one stop text for a list of one, and numbers in a list for an embedding', async () => {
    const { readers } = await loadDefaultModel();
    const { space, values } = readers[1]!.embedding;
    await personalizer.user.set({ space, values: [...values] });
    const text = await (await personalizer.createSession()).prompt(QUESTION, GREEDY);
    const stop = text.split(' ')[2]!;
    const session = await personalizer.createSession();
    expect(await session.prompt(QUESTION, { ...GREEDY, stop })).toBe(text.slice(0, text.indexOf(stop)));
  });

  it('refuses options that nobody knows, by name, with what is allowed', async () => {
    const { model } = await loadDefaultModel();
    const create = (more: object) => Personalizer.create({ model, ...more });
    await expect(create({ dtpye: 'q4' })).rejects.toThrow(/object of model, dtype/);
    await expect(create({ dtype: 'q5' })).rejects.toThrow(/dtype must be one of fp32, fp16, q4/);
    const session = await personalizer.createSession();
    await expect(session.prompt(QUESTION, { max_tokens: 3 } as never)).rejects.toThrow(/maxTokens/);
    await expect(personalizer.createSession({ lambda: 1 } as never)).rejects.toThrow(/strength/);
    await expect(personalizer.createSession({ overflow: 'x' } as never)).rejects.toThrow(/fail, drop-oldest/);
  });

  it("says once that it is nobody's, where there is a projector and the bare model was not asked for", async () => {
    const { model, projector } = await loadDefaultModel();
    const nobody = await Personalizer.create({ model, projector });
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await nobody.createSession({ personalise: false });
    expect(warn).not.toHaveBeenCalled();
    expect((await nobody.createSession()).personalised).toBe(false);
    await nobody.createSession();
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});
