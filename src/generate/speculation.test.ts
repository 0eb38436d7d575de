/** Guessing ahead saves runs and changes nothing: not a token, not what a session goes on from. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { Decoder } from './decoder.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';

const source = createFolderSource(fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url)));
/** The default model answers with a headline, which it begins again in a second turn. */
const QUESTION = 'Story: pocket drone, Quillon, Rook, calmer nerves';

describe('speculation by prompt lookup', () => {
  let model: BaseModel;
  beforeAll(async () => {
    model = await loadBaseModel({ source, dtypes: ['q4'] });
  });

  async function talk(options: object) {
    let runs = 0;
    const runtime = createNodeRuntime();
    const counting = {
      ...runtime,
      createSession: async (...args: Parameters<typeof runtime.createSession>) => {
        const session = await runtime.createSession(...args);
        return {
          ...session,
          run: (feeds: Parameters<typeof session.run>[0]) => {
            runs++;
            return session.run(feeds);
          },
        };
      },
    };
    const personalizer = new LocalPersonalizer(await Engine.create({ model, runtime: counting }), undefined);
    const session = await personalizer.createSession({ personalise: false });
    const answers = [];
    const before = runs;
    for (let turn = 0; turn < 3; turn++) {
      const { tokenIds, cachedTokens } = await session.generate(QUESTION, {
        maxTokens: 40,
        seed: 3,
        ...options,
      });
      answers.push({ tokenIds, cachedTokens });
    }
    await personalizer.destroy();
    return { answers, runs: runs - before };
  }

  it.each([
    ['greedy', { temperature: 0 }],
    ['sampled', { temperature: 0.5, topP: 0.9 }],
    ['with a repetition penalty', { temperature: 0, repetitionPenalty: 1.1 }],
    ['within a constraint', { temperature: 0, constraint: { regexp: /([A-Z][a-z]+ ){30}/ } }],
    ['cut in the middle of a guess', { temperature: 0, maxTokens: 7 }],
  ])('%s: the same tokens in fewer runs', async (how, options) => {
    const guessing = await talk(options);
    const off = vi.spyOn(Decoder.prototype, 'readsAhead', 'get').mockReturnValue(false);
    const plain = await talk(options);
    off.mockRestore();
    expect(guessing.answers).toEqual(plain.answers);
    expect(guessing.runs).toBeLessThanOrEqual(plain.runs);
    if (how === 'greedy') expect(guessing.runs).toBeLessThan(0.8 * plain.runs);
  });
});
