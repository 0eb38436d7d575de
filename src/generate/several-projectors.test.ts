/** Several projectors on one model in memory: each has a user of its own, and none sees, ends or outlives another's sessions. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { Personalizer } from '../node.ts';
import { type Projector, readProjector, writeProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { modelFilesSource } from '../storage/handed-files.ts';
import { TONE_SPACE, toneProjector } from '../testing/tone-projector.ts';
import { type DefaultModel, loadDefaultModel } from './default-model.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';
import type { Session } from './session.ts';

const GREEDY = { temperature: 0, maxTokens: 16 } as const;

describe('several projectors on one model', () => {
  let given: DefaultModel;
  let model: BaseModel;
  let news: Projector;
  let tone: Uint8Array<ArrayBuffer>;
  let prompt: string;
  const own = () => given.readers[0]!.embedding;
  const others = () => ({ space: TONE_SPACE, values: given.readers[1]!.embedding.values });

  beforeAll(async () => {
    given = await loadDefaultModel();
    prompt = given.stories[0]!;
    model = await loadBaseModel({ source: modelFilesSource(given.model), dtypes: ['q4'] });
    const shipped = new Uint8Array(await given.projector.arrayBuffer());
    news = readProjector(shipped);
    tone = toneProjector(shipped);
  });

  const file = (bytes: Uint8Array) => ({ name: 'tone.safetensors', bytes });
  async function open(runtime: Runtime = createNodeRuntime()) {
    const first = new LocalPersonalizer(await Engine.create({ model, runtime }), news);
    return { first, second: await first.share(file(tone)) };
  }
  const write = async (personalizer: Pick<LocalPersonalizer, 'createSession'>) =>
    (await personalizer.createSession()).prompt(prompt, GREEDY);
  const code = (session: Session) =>
    session.prompt(prompt, GREEDY).then(
      () => 'answered',
      (error) => error.code,
    );

  it('write what each writes alone, at the same time', async () => {
    const alone: string[] = [];
    for (const [projector, embedding] of [
      [given.projector, own()],
      [new Blob([tone]), others()],
    ] as const) {
      await using personalizer = await Personalizer.create({ model: given.model, projector });
      await personalizer.user.set(embedding);
      alone.push(await write(personalizer));
    }
    expect(alone[0]).not.toBe(alone[1]);
    await using first = await Personalizer.create({ model: given.model, projector: given.projector });
    await using second = await first.withProjector(new Blob([tone]));
    expect([first.space?.id, second.space?.id]).toEqual([news.contract.space.id, TONE_SPACE]);
    await Promise.all([first.user.set(own()), second.user.set(others())]);
    expect(await Promise.all([write(first), write(second)])).toEqual(alone);
  });

  it('keep users apart: one knows nothing of the other’s, and refuses its space', async () => {
    const { first, second } = await open();
    await first.user.set(own());
    expect((await second.createSession()).personalised).toBe(false);
    await expect(second.createSession({ personalise: true })).rejects.toMatchObject({ code: 'no-user' });
    await expect(second.user.set(own())).rejects.toMatchObject({ code: 'invalid-embedding' });
    const again = await second.share(file(tone));
    await second.user.set(others());
    expect((await again.createSession()).personalised).toBe(false);
    await first.destroy();
    await second.destroy();
    await again.destroy();
  });

  it.each([
    ['user.clear', (p: LocalPersonalizer) => p.user.clear(), 'no-user'],
    ['another user', (p: LocalPersonalizer) => p.user.set(own()), 'user-replaced'],
    ['user.forget', (p: LocalPersonalizer) => p.endUser('forgotten'), 'forgotten'],
    ['destroy', (p: LocalPersonalizer) => p.destroy(), 'destroyed'],
  ] as const)('%s ends the sessions of its own alone, while others answer', async (_, end, reason) => {
    const { first, second } = await open();
    await first.user.set(own());
    await second.user.set(others());
    const [ending, kept] = [await first.createSession(), await second.createSession()];
    const expected = await write(second);
    const answer = kept.prompt(prompt, GREEDY);
    await end(first);
    expect(await answer).toBe(expected);
    expect(await code(ending)).toBe(reason);
    expect(await write(second)).toBe(expected);
    await second.destroy();
    await first.destroy();
  });

  it('free the model with the last of them', async () => {
    const runtime = createNodeRuntime();
    let released = 0;
    const counted: Runtime = {
      ...runtime,
      createSession: async (...args) => {
        const session = await runtime.createSession(...args);
        return { ...session, run: (feeds) => session.run(feeds), release: async () => void released++ };
      },
    };
    const { first, second } = await open(counted);
    await first.destroy();
    await first.destroy();
    expect(released).toBe(0);
    await expect(first.share(file(tone))).rejects.toMatchObject({ code: 'destroyed' });
    expect(await write(second)).toBeTruthy();
    await second.destroy();
    expect(released).toBe(1);
  });

  it('are each held to their contract, and a refused one leaves the others be', async () => {
    await using first = await Personalizer.create({ model: given.model, projector: given.projector });
    await first.user.set(own());
    const { contract } = news;
    const foreign = writeProjector({
      ...news,
      contract: {
        ...contract,
        model: { ...contract.model, vocabularySize: contract.model.vocabularySize + 1 },
      },
    });
    const blob = new Blob([foreign as Uint8Array<ArrayBuffer>]);
    await expect(first.withProjector(blob)).rejects.toMatchObject({ code: 'contract-mismatch' });
    await expect(first.withProjector('no/such.safetensors')).rejects.toMatchObject({
      code: 'invalid-projector',
    });
    const misspelt = { signall: undefined } as object;
    await expect(first.withProjector(given.projector, misspelt)).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(first.withProjector(given.projector, { signal })).rejects.toThrow('enough');
    expect(await write(first)).toBeTruthy();
  });
});
