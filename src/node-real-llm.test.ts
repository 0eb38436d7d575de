/**
 * The Node entry point with a real LLM, its shipped projector and a real sentence encoder: what a person says of themselves reaches
 * the answers, and what must be refused is refused without a word of theirs.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Personalizer } from './node.ts';
import { readProjector, writeProjector } from './projector/projector.ts';
import { hasShared, sharedPath } from './testing/shared.ts';

const projector = fileURLToPath(
  new URL('../public/projectors/smollm2-135m-instruct.safetensors', import.meta.url),
);
const isThere = hasShared && existsSync(projector);
const model = sharedPath('models/smollm2-135m-instruct');
const encoder = sharedPath('models/all-minilm-l6-v2');
const note = isThere ? '' : ' (skipped: needs ../shared and the projector of SmolLM2)';

const TEXT = 'I grow tomatoes. I play the cello.';
const GARDEN_OR_MUSIC =
  /garden|tomato|vegetable|\bplants?\b|harvest|music|cello|concert|orchestra|instrument|song/i;

describe.skipIf(!isThere)(`SmolLM2 for a person who describes themselves${note}`, async () => {
  if (!isThere) return;
  const personalizer = await Personalizer.create({ model, projector, encoder, threads: 2 });
  const folder = mkdtempSync(join(tmpdir(), 'e2p-'));
  afterAll(async () => {
    await personalizer.destroy();
    rmSync(folder, { recursive: true });
  });

  it('answers in the direction of a line, which nobody else gets', async () => {
    await personalizer.user.describe(TEXT);
    const questions = ['What could I do on a free Saturday?', 'What present would make me happy?'] as const;
    const ask = async (question: string, personalise: boolean) => {
      await using session = await personalizer.createSession({ personalise });
      return await session.generate(question, { temperature: 0, maxTokens: 32 });
    };
    const own = [await ask(questions[0], true), await ask(questions[1], true)];
    const nobody = await ask(questions[0], false);
    // Tomatoes are a word of the vocabulary, the cello is a phrase of two tokens; each stands in two places.
    expect(own.map(({ softTokens }) => softTokens)).toEqual([6, 6]);
    expect(own.some(({ text }) => GARDEN_OR_MUSIC.test(text))).toBe(true);
    expect(nobody.softTokens).toBe(0);
    expect(nobody.text).not.toBe(own[0]!.text);
    expect(nobody.text).not.toMatch(GARDEN_OR_MUSIC);
  });

  it('refuses another encoder than that of the projector, and quotes nothing', async () => {
    const read = readProjector(new Uint8Array(readFileSync(projector)));
    const { space } = read.contract;
    // As another encoder would answer the known sentence: the same numbers at other places.
    const probe = space.encoder!.probe.toReversed();
    const contract = { ...read.contract, space: { ...space, encoder: { ...space.encoder!, probe } } };
    const file = join(folder, 'other.safetensors');
    writeFileSync(file, writeProjector({ ...read, contract }));
    await using other = await Personalizer.create({ model, projector: file, encoder });
    const error = await other.user.describe(TEXT).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'contract-mismatch' });
    expect((error as Error).message).toMatch(/the encoder .* makes others .* expected at least 0\.97/);
    expect((error as Error).message).not.toMatch(/tomato|cello/i);
    await expect(other.createSession({ personalise: true })).rejects.toMatchObject({ code: 'no-user' });
  });

  it('stops describing and answering when asked', async () => {
    const reason = new Error('enough');
    await expect(personalizer.user.describe(TEXT, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    await using session = await personalizer.createSession({ personalise: false });
    const controller = new AbortController();
    const pieces: string[] = [];
    const answer = session.generate('Tell me a story.', {
      maxTokens: 200,
      signal: controller.signal,
      onText: (text) => {
        if (pieces.push(text) === 3) controller.abort(reason);
      },
    });
    await expect(answer).rejects.toBe(reason);
    expect(pieces.length).toBe(3);
  });

  it('names counts, and no words, where there are too many lines or none', async () => {
    const lines = Array.from({ length: 17 }, (_, i) => `Cello number ${i}.`);
    for (const text of [lines, ['  ', '']]) {
      const error = await personalizer.user.describe(text).catch((e: Error) => e);
      expect(error).toMatchObject({ code: 'invalid-argument' });
      expect((error as Error).message).not.toMatch(/cello/i);
    }
  });
});
