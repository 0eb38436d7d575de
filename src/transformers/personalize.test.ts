/** Transformers.js's own pipeline beside the library's engine, on the same model files. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { env, pipeline, TextStreamer } from '@huggingface/transformers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadDefaultModel } from '../generate/default-model.ts';
import { Personalizer } from '../node.ts';
import { sharedPath } from '../testing/shared.ts';
import { writeThinkingFolder } from '../testing/thinking-model.ts';
import type { UserEmbedding } from '../user/user-embedding.ts';
import { type PersonalGenerator, personalize } from './index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const open = (folder: string) => {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  return pipeline('text-generation', folder.slice(env.localModelPath.length + 1), { dtype: 'q4' });
};
type Generator = Awaited<ReturnType<typeof open>>;

interface Answered {
  readonly generated_text: readonly { readonly role: string; readonly content: string }[];
}

/** SmolLM2's file names a size of its cache, which Transformers.js 4.3.1 takes for 0: the plain pipeline is told it. */
function tellCacheSize(generator: Generator, size: number): void {
  const { sessions } = generator.model as unknown as {
    readonly sessions: { readonly model: { inputMetadata: readonly { shape: unknown[] }[] } };
  };
  const told = sessions.model.inputMetadata.map((input) => ({
    ...input,
    shape: input.shape.map((dim) => (dim === 'kv_cache_dim' ? size : dim)),
  }));
  Object.defineProperty(sessions.model, 'inputMetadata', { value: told });
}

/** The pipeline's answer to one message, greedy, and its ids. */
async function ask(generator: Generator, content: string, max_new_tokens: number) {
  const ids: bigint[] = [];
  const streamer = new TextStreamer(generator.tokenizer, {
    ...{ skip_prompt: true, callback_function: () => {} },
    token_callback_function: (some: bigint[]) => ids.push(...some),
  });
  const messages = [{ role: 'user', content }];
  const options = { do_sample: false, max_new_tokens, streamer };
  const [answer] = (await generator(messages, options)) as unknown as readonly [Answered];
  expect(answer.generated_text.slice(0, -1)).toEqual(messages);
  return { text: answer.generated_text.at(-1)!.content, ids: ids.map(Number) };
}

describe.each([
  ['the default model', join(root, 'public/models/e2p-tiny'), 'public/models/e2p-tiny/projector.safetensors'],
  [
    'SmolLM2',
    sharedPath('models/smollm2-135m-instruct'),
    'public/projectors/smollm2-135m-instruct.safetensors',
  ],
])('%s', (name, folder, projectorPath) => {
  const projector = join(root, projectorPath);
  const isTiny = name !== 'SmolLM2';
  const maxTokens = isTiny ? 40 : 12;
  const isThere = existsSync(folder) && existsSync(projector);
  const note = isThere ? '' : ' (skipped: needs ../shared)';

  describe.skipIf(!isThere)(`personalize${note}`, () => {
    let plain: Generator;
    let personal: PersonalGenerator<Generator>;
    let personalizer: Personalizer;
    let users: readonly UserEmbedding[];
    let questions: readonly string[];
    let plainAnswers: Awaited<ReturnType<typeof ask>>[];

    beforeAll(async () => {
      const { readers, stories } = await loadDefaultModel();
      // Vectors of no person's, which have no level where Transformers.js generates.
      personalizer = await Personalizer.create({ model: folder, projector, drift: false });
      const { dim } = personalizer.space!;
      const space = personalizer.space!.id;
      users = isTiny
        ? readers.slice(0, 3).map(({ embedding }) => embedding)
        : [3, 5].map((k) => ({
            space,
            values: Float32Array.from({ length: dim }, (_, i) => Math.sin(k * i)),
          }));
      questions = isTiny ? stories.slice(0, 3) : ['What could I do on a free Saturday?', 'Tell me a story.'];
      plain = await open(folder);
      if (!isTiny) tellCacheSize(plain, 64);
      plainAnswers = [];
      for (const question of questions) plainAnswers.push(await ask(plain, question, maxTokens));
      personal = await personalize(plain, { model: folder, projector });
    }, 120_000);
    afterAll(async () => {
      await personal?.dispose();
      await personalizer?.destroy();
    });

    it('gives the same ids as the engine for the same user, and others for another', async () => {
      const texts = new Set<string>();
      for (const user of users) {
        await personal.user.set(user);
        await personalizer.user.set(user);
        for (const question of questions) {
          await using session = await personalizer.createSession();
          const own = await session.generate(question, { temperature: 0, maxTokens });
          expect(own.softTokens).toBeGreaterThan(0);
          const { text, ids } = await ask(personal, question, maxTokens);
          expect(ids.slice(0, own.tokenIds.length)).toEqual(own.tokenIds);
          expect(text).toBe(own.text);
          texts.add(text);
        }
      }
      expect(texts.size).toBeGreaterThan(questions.length);
    });

    it('gives what the plain pipeline gave, where no user is set', async () => {
      await personal.user.clear();
      for (const [i, question] of questions.entries()) {
        expect(await ask(personal, question, maxTokens)).toEqual(plainAnswers[i]);
        expect(await ask(plain, question, maxTokens)).toEqual(plainAnswers[i]);
      }
    });
  });
});

describe('personalize', () => {
  const folder = join(root, 'public/models/e2p-tiny');
  const projector = join(folder, 'projector.safetensors');
  const greedy = { do_sample: false, max_new_tokens: 12 };
  let generator: PersonalGenerator<Generator>;
  let user: UserEmbedding;
  let story: string;

  beforeAll(async () => {
    const { model, readers, stories } = await loadDefaultModel();
    [user, story] = [readers[0]!.embedding, stories[0]!];
    const file = new Blob([readFileSync(projector)]);
    generator = await personalize(await open(folder), { model, projector: file });
  });
  beforeEach(() => generator.user.set(user));
  afterAll(async () => void (await generator.dispose()));

  const textOf = async (texts: unknown, options = {}) => {
    const answer = await generator(texts as string, { ...greedy, ...options });
    return (answer as unknown as readonly { readonly generated_text: string }[])[0]!.generated_text;
  };

  it('continues a text, which it gives back with the answer or without', async () => {
    const full = await textOf(story);
    expect(full.startsWith(story)).toBe(true);
    expect(await textOf(story, { return_full_text: false })).toBe(full.slice(story.length));
    const cut = await textOf(story, { max_new_tokens: 2, return_full_text: false });
    expect(cut.length).toBeGreaterThan(0);
    expect(full.slice(story.length).startsWith(cut)).toBe(true);
  });

  it('answers several texts and chats, each as it would alone', async () => {
    const chat = [{ role: 'user', content: story }];
    const alone = [await generator(chat, greedy), await generator([{ role: 'user', content: 'Hi' }], greedy)];
    const together = await generator([chat, [{ role: 'user', content: 'Hi' }]], greedy);
    expect(together).toEqual(alone);
    expect(await generator([story, 'Hi'], greedy)).toEqual([
      await generator(story, greedy),
      await generator('Hi', greedy),
    ]);
  });

  it('leaves sampling, penalties and streamers to the pipeline', async () => {
    const sampled = await Promise.all(
      Array.from({ length: 4 }, () => textOf(story, { do_sample: true, temperature: 2, top_k: 200 })),
    );
    expect(new Set(sampled).size).toBeGreaterThan(1);
    const penalised = await textOf(story, { repetition_penalty: 5 });
    expect(penalised).not.toBe(await textOf(story));
    let streamed = '';
    const streamer = new TextStreamer(generator.tokenizer, {
      ...{ skip_prompt: true, skip_special_tokens: true },
      callback_function: (piece: string) => {
        streamed += piece;
      },
    });
    expect(await textOf(story, { streamer, return_full_text: false })).toBe(streamed);
  });

  it('keeps two people apart whose texts are written at the same time', async () => {
    const { readers } = await loadDefaultModel();
    const chat = [{ role: 'user', content: story }];
    const one = await generator(chat, greedy);
    await generator.user.set(readers[1]!.embedding);
    const other = await generator(chat, greedy);
    expect(other).not.toEqual(one);
    const second = generator(chat, greedy);
    await generator.user.set(user);
    const first = generator(chat, greedy);
    expect(await Promise.all([first, second])).toEqual([one, other]);
  });

  it('gives the chat template its variables, as Transformers.js does', async () => {
    const thinking = join(mkdtempSync(join(tmpdir(), 'e2p-thinking-')), 'model');
    await writeThinkingFolder(thinking, (await loadDefaultModel()).model, 'switched');
    const switched = await personalize(await open(thinking), { model: thinking, projector });
    await using own = await Personalizer.create({ model: thinking, projector });
    await switched.user.set(user);
    await own.user.set(user);
    const off = { enable_thinking: false };
    const chat = [{ role: 'user', content: story }];
    const options = { ...greedy, tokenizer_encode_kwargs: off };
    const [answer] = (await switched(chat, options)) as unknown as readonly [Answered];
    const session = await own.createSession({ templateVariables: off });
    const { text } = await session.generate(story, { temperature: 0, maxTokens: greedy.max_new_tokens });
    expect(answer.generated_text.at(-1)!.content).toBe(text);
    const unread = switched(chat, { ...greedy, tokenizer_encode_kwargs: { padding: true } });
    await expect(unread).rejects.toThrow(
      'tokenizer_encode_kwargs: the chat template of the model has no padding',
    );
    await expect(switched(story, options)).rejects.toMatchObject({ code: 'invalid-argument' });
    await switched.dispose();
  });

  it('refuses what soft tokens can not follow, and a user of another space', async () => {
    const chat = [{ role: 'user', content: story }];
    await expect(generator(chat, { tools: [{}] })).rejects.toMatchObject({ code: 'invalid-argument' });
    const tool = generator([{ role: 'tool', content: 'x' }]);
    await expect(tool).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(generator(story.repeat(200))).rejects.toMatchObject({ code: 'context-overflow' });
    const other = generator.user.set({ ...user, space: 'another' });
    await expect(other).rejects.toMatchObject({ code: 'invalid-embedding' });
  });

  it('leaves a generator as it was where it can not be personalised', async () => {
    const plain = await open(folder);
    const before = await plain(story, greedy);
    const missing = personalize(plain, { model: join(root, 'public'), projector });
    await expect(missing).rejects.toMatchObject({ code: 'invalid-model' });
    expect(await plain(story, greedy)).toEqual(before);
    await plain.dispose();
    const again = personalize(generator, { model: folder, projector });
    await expect(again).rejects.toMatchObject({ code: 'invalid-argument' });
    const misspelt = personalize(generator, { model: folder, projector, strenght: 1 } as never);
    await expect(misspelt).rejects.toMatchObject({ code: 'invalid-argument' });
    const none = personalize({}, { model: folder, projector });
    await expect(none).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});
