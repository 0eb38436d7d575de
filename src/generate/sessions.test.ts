/** Every way to come by a session × every way to end it × idle or running, on the default model. */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BaseModel } from '../model/base-model.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { type Projector, readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { openUser } from '../user/open-user.ts';
import type { User } from '../user/user.ts';
import { connectUser } from './connect-user.ts';
import { Engine } from './engine.ts';
import { LocalPersonalizer } from './personalizer.ts';
import type { Session } from './session.ts';

const source = createFolderSource(fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url)));
const prompt = 'Story: pocket drone, Quillon, Rook, calmer nerves';

interface World {
  readonly personalizer: LocalPersonalizer;
  readonly user: User;
  readonly space: string;
  readonly embedding: (phase: number) => Float32Array;
  readonly wiped: Tensor[];
}

const WAYS: Readonly<Record<string, (personalizer: LocalPersonalizer) => Promise<Session>>> = {
  created: (personalizer) => personalizer.createSession(),
  'created at strength 0': (personalizer) => personalizer.createSession({ strength: 0 }),
  cloned: async (personalizer) => {
    const first = await personalizer.createSession();
    await first.prompt(prompt, { maxTokens: 2 });
    return first.clone();
  },
  'cloned from one that is gone': async (personalizer) => {
    const first = await personalizer.createSession();
    await first.prompt(prompt, { maxTokens: 2 });
    const clone = await first.clone();
    await first.destroy();
    return clone;
  },
  'cloned from one that answers': async (personalizer) => {
    const first = await personalizer.createSession();
    const { started } = begin(first);
    await started;
    const clone = await first.clone();
    return clone;
  },
};

/** What ends it, and the code that the session then tells. */
const ENDS: Readonly<
  Record<string, readonly [(world: World, session: Session) => Promise<unknown>, string]>
> = {
  'user.clear': [({ personalizer }) => personalizer.user.clear(), 'no-user'],
  'another user': [
    ({ personalizer, space, embedding }) => personalizer.user.set({ space, values: embedding(2) }),
    'user-replaced',
  ],
  'embedding.delete': [({ user, space }) => user.embedding.delete(space), 'no-user'],
  'consent.withdraw': [({ user }) => user.consent.withdraw('personalise'), 'consent-required'],
  'user.lock': [({ user }) => user.lock(), 'vault-locked'],
  'user.forget': [({ user }) => user.forget(), 'forgotten'],
  'user.close': [({ user }) => user.close(), 'no-user'],
  'session.destroy': [(_, session) => session.destroy(), 'destroyed'],
  'personalizer.destroy': [({ personalizer }) => personalizer.destroy(), 'destroyed'],
};

/** A generation long enough to be in the middle of it. */
function begin(session: Session, maxTokens = 150) {
  const pieces: string[] = [];
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const onText = (text: string) => {
    if (pieces.push(text) === 2) start();
  };
  // The model itself would end within 30 tokens.
  const constraint = { regexp: /[a-z ]{2000}/ };
  const run = session.generate(prompt, { maxTokens, constraint, onText });
  // Awaited where it matters.
  run.catch(() => undefined);
  return { started, pieces, run };
}

describe('whatever ends a session', () => {
  let model: BaseModel;
  let projector: Projector;
  beforeAll(async () => {
    model = await loadBaseModel({ source, dtypes: ['q4'] });
    projector = readProjector((await source.read('projector.safetensors'))!, 'projector.safetensors');
  });

  async function setUp(more: Partial<Runtime> = {}): Promise<World> {
    const wiped: Tensor[] = [];
    const runtime = createNodeRuntime();
    const watched: Runtime = {
      ...runtime,
      ...more,
      // A token takes long enough for an ending to fall between two.
      createSession: async (...args) => {
        const session = await runtime.createSession(...args);
        const run: typeof session.run = async (feeds) => {
          await new Promise((resolve) => setTimeout(resolve, 4));
          return session.run(feeds);
        };
        return { ...session, run };
      },
      wipe: (tensor) => {
        const { data } = tensor;
        runtime.wipe(tensor);
        if ((data as Float32Array).some((v) => v !== 0)) throw new Error('a wiped tensor holds something');
        wiped.push(tensor);
      },
    };
    const engine = await Engine.create({ model, runtime: watched });
    const personalizer = new LocalPersonalizer(engine, projector);
    const user = await openUser({ policyVersion: '1' });
    const { id: space, dim } = projector.contract.space;
    const embedding = (phase: number) => new Float32Array(dim).map((_, i) => Math.sin(i + phase));
    await connectUser({
      ...{ user, space, use: { projector: 'p', model: 'm' } },
      engine: {
        set: personalizer.user.update,
        end: (reason) => personalizer.endUser(reason),
      },
    });
    await user.consent.grant('personalise');
    await user.embedding.set({ space, values: embedding(1) });
    return { personalizer, user, space, embedding, wiped };
  }

  const table = Object.entries(WAYS).flatMap(([way, make]) =>
    Object.entries(ENDS).flatMap(([ending, [end, code]]) =>
      ['idle', 'running'].map((state) => ({ way, make, ending, end, code, state })),
    ),
  );
  it.each(table)('$ending, a session that was $way, $state: $code', async ({ make, end, code, state }) => {
    const world = await setUp();
    const session = await make(world.personalizer);
    const { started, pieces, run } = begin(session, state === 'running' ? 400 : 4);
    if (state === 'running') await started;
    else await run;
    const wipedBefore = world.wiped.length;

    await end(world, session);
    const shown = pieces.length;
    expect(world.wiped.length).toBeGreaterThan(wipedBefore);
    // Idle, the generation had ended well; running, it was cut short, and nothing comes after.
    if (state === 'running') await expect(run).rejects.toMatchObject({ code });
    await expect(session.prompt(prompt)).rejects.toMatchObject({ code });
    await expect(session.clone()).rejects.toMatchObject({ code });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(pieces.length).toBe(shown);
  });

  it('a forget report counts sessions, clones and the caches of what was running', async () => {
    const { personalizer, user } = await setUp();
    const first = await personalizer.createSession();
    await first.prompt(prompt, { maxTokens: 2 });
    const clone = await first.clone();
    const { started } = begin(clone);
    await started;
    const { removed, isComplete } = await user.forget();
    expect(isComplete).toBe(true);
    expect(removed).toEqual(
      expect.arrayContaining([
        { what: 'session', where: 'memory', count: 2 },
        // What both had heard, and what the clone was answering.
        { what: 'KV cache', where: 'memory', count: 2 },
      ]),
    );
  });

  it('an abort while a long prompt is read overwrites what was read of it', async () => {
    const { personalizer, wiped } = await setUp({ prefillChunk: 8 });
    const session = await personalizer.createSession();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 10);
    const before = wiped.length;
    await expect(
      session.prompt(`${prompt}; `.repeat(6), { signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const lengths = wiped.slice(before).map(({ dims }) => dims[2]);
    expect(Math.max(...(lengths as number[]))).toBeGreaterThanOrEqual(8);
  });

  it("what an aborted answer has read is its session's, and overwritten with it", async () => {
    const { personalizer, wiped } = await setUp();
    const session = await personalizer.createSession();
    const controller = new AbortController();
    const { signal } = controller;
    const aborted = session.prompt(prompt, { maxTokens: 60, signal, onText: () => controller.abort() });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    const before = wiped.length;
    await personalizer.user.clear();
    expect(wiped.length).toBeGreaterThan(before);
  });

  it('a reader of a stream gets no text that came before the ending and was not yet read', async () => {
    const { personalizer } = await setUp();
    const session = await personalizer.createSession();
    const stream = session.promptStreaming(prompt, { maxTokens: 60 })[Symbol.asyncIterator]();
    await stream.next();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await personalizer.user.clear();
    await expect(stream.next()).rejects.toMatchObject({ code: 'no-user' });
  });

  it('changes of the user take their turns: a clear that comes during a set is the last word', async () => {
    const { personalizer, space, embedding } = await setUp();
    const { started } = begin(await personalizer.createSession());
    await started;
    const setting = personalizer.user.set({ space, values: embedding(5) });
    await personalizer.user.clear();
    await setting;
    await expect(personalizer.createSession({ personalise: true })).rejects.toMatchObject({
      code: 'no-user',
    });
  });

  it('sessions that an app drops are freed, and one that still answers is not', async () => {
    const { personalizer, wiped } = await setUp();
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    await (async () => {
      const dropped = await personalizer.createSession();
      await dropped.prompt(prompt, { maxTokens: 2 });
    })();
    const run = (async () => (await personalizer.createSession()).prompt(prompt, { maxTokens: 100 }))();
    const before = wiped.length;
    for (let i = 0; i < 100 && wiped.length === before; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(wiped.length).toBeGreaterThan(before);
    expect(await run).not.toBe('');
  });
});
