import { describe, expect, it } from 'vitest';
import { createTotalProgress } from './total-progress.ts';

describe('progress over all files', () => {
  it('adds up bytes, and has a rate and a time left once there is something to go by', () => {
    let time = 0;
    const total = createTotalProgress(() => time);
    const file = (file: string, loaded: number, size: number, cached = false) =>
      total({ file, loaded, total: size, cached });
    expect(file('config', 10, 10, true)).toEqual({
      loaded: 10,
      total: 10,
      rate: undefined,
      secondsLeft: undefined,
    });
    // What an earlier visit left is here, and says nothing of the network.
    file('a', 500, 1000);
    time = 1000;
    expect(file('a', 700, 1000)).toEqual({ loaded: 710, total: 1010, rate: 200, secondsLeft: 1.5 });
    file('b', 0, 600);
    time = 2000;
    expect(file('b', 200, 600)).toMatchObject({ loaded: 910, total: 1610, rate: 200, secondsLeft: 3.5 });
  });

  it('follows a network that gets slower', () => {
    let time = 0;
    const total = createTotalProgress(() => time);
    let loaded = 0;
    const second = (bytes: number) => {
      time += 1000;
      loaded += bytes;
      return total({ file: 'a', loaded, total: 1e9, cached: false }).rate!;
    };
    second(0);
    for (let i = 0; i < 10; i++) second(1000);
    for (let i = 0; i < 10; i++) second(10);
    expect(second(10)).toBeLessThan(20);
  });
});
