import { describe, expect, it } from 'vitest';
import { createProgressLine } from './progress-line.ts';

function screen(isTTY: boolean) {
  const written: string[] = [];
  let time = 1000;
  const show = createProgressLine({
    out: { isTTY, columns: 40, write: (text) => written.push(text) },
    now: () => time,
  });
  return { written, show, wait: (seconds: number) => (time += 1000 * seconds) };
}

describe('a progress line', () => {
  it('comes every ten seconds off a terminal, and at the end of a stage', () => {
    const { written, show, wait } = screen(false);
    for (let done = 0; done <= 100; done++) {
      show({ stage: 'scoring', done, all: 100 });
      wait(1);
    }
    expect(written).toHaveLength(10);
    expect(written[0]).toBe('scoring 10/100  90 s left\n');
    expect(written[9]).toBe('scoring 100/100\n');
  });

  it('tells the time left from what was done since the stage began', () => {
    const { written, show, wait } = screen(false);
    show({ stage: 'scoring', done: 900, all: 1000 });
    wait(60);
    show({ stage: 'scoring', done: 910, all: 1000, note: 'loss 1' });
    wait(60);
    show({ stage: 'ranking', done: 0, all: 10 });
    wait(3600);
    show({ stage: 'ranking', done: 5, all: 10 });
    wait(600);
    show({ stage: 'ranking', done: 6, all: 10 });
    expect(written).toEqual([
      'scoring 910/1000  loss 1  9 min left\n',
      'ranking 0/10\n',
      'ranking 5/10  1 h 0 min left\n',
      'ranking 6/10  47 min left\n',
    ]);
  });

  it('renews itself on a terminal, as long as it is wide, and stays where it is worth it', () => {
    const { written, show, wait } = screen(true);
    show({ stage: 'step', done: 1, all: 9 });
    wait(1);
    show({ stage: 'step', done: 2, all: 9, note: 'x'.repeat(80) });
    show({ stage: 'step', done: 3, all: 9, keep: true });
    expect(written[0]).toBe('\r\x1b[Kstep 1/9');
    expect(written[1]).toHaveLength(4 + 39);
    expect(written[2]!.slice(4)).toMatch(/^step 3\/9 {2}\d s left\n$/);
  });
});
