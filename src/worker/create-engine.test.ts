/** Page, loader and engine through real ports, with a loader that has files of two precisions and an engine whose GPU computes one of them wrongly. */
import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { type Answering, answerRequests } from './answer.ts';
import { createEngine } from './create-engine.ts';
import type { LoadedFiles } from './load-files.ts';
import type { CreateResult, LoadParams, Request } from './protocol.ts';
import type { Place } from './sealed-frame.ts';
import { WorkerLink } from './worker-link.ts';

function linkTo(perform: (request: Request, answering: Answering) => Promise<unknown>) {
  const { port1, port2 } = new MessageChannel();
  answerRequests(port2 as never, perform);
  for (const port of [port1, port2]) port.start();
  const closed = { times: 0 };
  const close = () => {
    closed.times++;
    for (const port of [port1, port2]) port.close();
  };
  return { link: new WorkerLink({ port: port1, close }), closed };
}

/** @param isRight whether the engine computes a precision rightly */
async function create(
  dtypes: readonly string[],
  isRight: (dtype: string) => boolean,
  { found = 0, place = 'opaque' as Place, fails = false } = {},
) {
  const kept: unknown[] = [];
  const asked: unknown[] = [];
  const ended: unknown[] = [];
  const { link: loader } = linkTo(async ({ op, params }) => {
    if (op === 'keepFinding') return void kept.push(params);
    if (op === 'endBringUp') return void ended.push(params);
    const { isSecond } = params as LoadParams;
    asked.push(isSecond);
    if (fails) throw new E2PError('network', 'no model came');
    const wanted = isSecond ? dtypes.toReversed() : dtypes;
    const bringUp = `load ${asked.length}`;
    return {
      dtypes: [wanted[0]],
      canReload: !isSecond,
      binaries: {},
      bringUp,
      place,
    } as unknown as LoadedFiles;
  });
  const engines: ReturnType<typeof linkTo>[] = [];
  const places: Place[] = [];
  const openEngine = async (where: Place) => {
    places.push(where);
    const engine = linkTo(async ({ params }, { onFound }) => {
      const [dtype = ''] = (params as LoadedFiles).dtypes;
      if (isRight(dtype)) return { model: { dtype } } as CreateResult;
      onFound('float16', found);
      throw new E2PError('backend-faulty', 'webgpu computes float16 wrongly');
    });
    engines.push(engine);
    return engine.link;
  };
  const params = { device: 'wasm' } as LoadParams;
  const outcome = await createEngine({
    loader,
    params,
    openEngine,
    signal: undefined,
    onMessage: () => {},
  }).then(
    ({ created, link }) => {
      link.close(new E2PError('destroyed', 'the test ends'));
      return created.model.dtype;
    },
    ({ code }) => code,
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  loader.close(new E2PError('destroyed', 'the test ends'));
  expect(engines.map(({ closed }) => closed.times)).toEqual(engines.map(() => 1));
  // However it ends, the tab was not killed at it.
  expect(ended).toEqual(fails ? [] : asked.map((_, i) => `load ${i + 1}`));
  return { outcome, asked, kept, places };
}

describe('an engine whose device computes float16 wrongly', () => {
  it('is opened anew with the files of another precision, and the finding is kept', async () => {
    expect(await create(['q4f16', 'q4'], (dtype) => dtype === 'q4')).toEqual({
      places: ['opaque', 'opaque'],
      outcome: 'q4',
      asked: [false, true],
      kept: [{ key: 'float16', found: 0 }],
    });
  });

  it('is given up after the second time', async () => {
    const { outcome, asked } = await create(['q4f16', 'q4'], () => false);
    expect([outcome, asked]).toEqual(['backend-faulty', [false, true]]);
  });

  it('is given up at once where the fault is not of float16', async () => {
    const { outcome, asked } = await create(['q4', 'q4f16'], () => false, { found: 1 });
    expect([outcome, asked]).toEqual(['backend-faulty', [false]]);
  });
});

describe('an engine that starts while files are read', () => {
  it('is the one that gets them', async () => {
    expect((await create(['q4'], () => true)).places).toEqual(['opaque']);
  });

  it('is closed where it is wanted in the other place', async () => {
    const { places, outcome } = await create(['q4'], () => true, { place: 'same-origin' });
    expect([places, outcome]).toEqual([['opaque', 'same-origin'], 'q4']);
  });

  it('is closed where no files come', async () => {
    const { places, outcome } = await create(['q4'], () => true, { fails: true });
    expect([places, outcome]).toEqual([['opaque'], 'network']);
  });
});
