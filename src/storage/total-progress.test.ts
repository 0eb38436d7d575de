import { describe, expect, it } from 'vitest';
import { createProgressMeter, type FileProgress, type TotalProgress } from './total-progress.ts';

/** The meter, and what it reported last. */
function metered(parts: readonly string[], now?: () => number) {
  const told: TotalProgress[] = [];
  const meter = createProgressMeter(parts, ({ all }) => told.push(all), now);
  const add = (progress: FileProgress) => {
    meter.add(progress);
    return told.at(-1)!;
  };
  return { told, add, plan: meter.plan };
}

const plan = (files: Readonly<Record<string, number>>) => new Map(Object.entries(files));

describe('progress over all files', () => {
  it('has no total until every part is planned, and from then on the same one', () => {
    const meter = metered(['model', 'runtime']);
    const add = (file: string, loaded: number, total?: number) => {
      const { loaded: here, total: all } = meter.add({ file, loaded, total });
      return [here, all];
    };
    expect(add('config', 10, 10)).toEqual([10, undefined]);
    meter.plan('model', plan({ config: 10, graph: 1000 }));
    expect(add('graph', 100, 1000)).toEqual([110, undefined]);
    meter.plan('runtime', plan({ wasm: 500 }));
    // At once.
    expect(meter.told.at(-1)).toMatchObject({ loaded: 110, total: 1510 });
    expect(add('graph', 200, 1000)).toEqual([210, 1510]);
    // A server that tells no length with the file itself.
    expect(add('graph', 300)).toEqual([310, 1510]);
    expect(add('graph', 1000, 1000)).toEqual([1010, 1510]);
    meter.plan('runtime', plan({ wasm: 500 }));
    expect(add('wasm', 500, 500)).toEqual([1510, 1510]);
  });

  it('never goes back, also where a file has to be fetched again', () => {
    const meter = metered(['model']);
    meter.plan('model', plan({ graph: 1000 }));
    const loaded = [0, 600, 0, 300, 700, 1000].map(
      (here) => meter.add({ file: 'graph', loaded: here, total: 1000 }).loaded,
    );
    expect(loaded).toEqual([0, 600, 600, 600, 700, 1000]);
  });

  it.each([
    ['a longer file', { file: 'graph', loaded: 1, total: 2000 }],
    ['a shorter one', { file: 'graph', loaded: 900, total: 900 }],
    ['more bytes than it told', { file: 'graph', loaded: 1001, total: undefined }],
    ['a file that nobody knew of', { file: 'other', loaded: 1, total: 1 }],
  ])('takes the total back for %s, and does not let it grow', (_, progress) => {
    const meter = metered(['model']);
    meter.plan('model', plan({ graph: 1000 }));
    expect(meter.add({ file: 'graph', loaded: 0, total: 1000 }).total).toBe(1000);
    expect(meter.add(progress).total).toBeUndefined();
    expect(meter.add({ file: 'graph', loaded: 1, total: 1000 }).total).toBeUndefined();
  });

  it('counts what another tab loads, and begins with its own files after that', () => {
    const meter = metered(['model']);
    const other = { file: 'model_fp16.onnx', loaded: 500, total: 900, elsewhere: true } as const;
    expect(meter.add(other)).toMatchObject({ loaded: 500, total: undefined });
    meter.plan('model', plan({ 'model_q4.onnx': 700 }));
    expect(meter.add({ file: 'model_q4.onnx', loaded: 700, total: 700 })).toMatchObject({
      ...{ loaded: 700, total: 700 },
    });
  });

  it('has a rate and a time left once there is something to go by', () => {
    let time = 0;
    const meter = metered(['model'], () => time);
    meter.plan('model', plan({ config: 10, a: 1000, b: 600 }));
    const file = (file: string, loaded: number, total: number, cached = false) =>
      meter.add({ file, loaded, total, cached });
    expect(file('config', 10, 10, true)).toEqual({
      ...{ loaded: 10, total: 1610, rate: undefined, secondsLeft: undefined },
    });
    // What an earlier visit left is here, and says nothing of the network.
    file('a', 500, 1000);
    time = 1000;
    expect(file('a', 700, 1000)).toEqual({ loaded: 710, total: 1610, rate: 200, secondsLeft: 4.5 });
    file('b', 0, 600);
    time = 2000;
    expect(file('b', 200, 600)).toMatchObject({ loaded: 910, rate: 200, secondsLeft: 3.5 });
  });

  it('follows a network that gets slower', () => {
    let time = 0;
    const meter = metered(['model'], () => time);
    let loaded = 0;
    const second = (bytes: number) => {
      time += 1000;
      loaded += bytes;
      return meter.add({ file: 'a', loaded, total: 1e9 }).rate!;
    };
    second(0);
    for (let i = 0; i < 10; i++) second(1000);
    for (let i = 0; i < 10; i++) second(10);
    expect(second(10)).toBeLessThan(20);
  });
});
