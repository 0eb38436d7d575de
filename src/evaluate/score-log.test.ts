import { describe, expect, it } from 'vitest';
import { eachPiece, openScoreLog } from './score-log.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const PIECES = ['a', 'b', 'c', 'd'];
/** Numbers that are long in decimals, as those of float32 are. */
const numbersOf = (at: number) => [Math.fround(Math.PI * (at + 1)), at, -1e-7];

/** Does all pieces, or as many as until it is killed; tells what stands in the file then. */
async function work(fingerprint: Record<string, string | number>, before?: string, killedAfter = 99) {
  let [file, done] = [before ?? '', 0];
  const log = openScoreLog(
    {
      before: before === undefined ? undefined : { bytes: encode(before), name: 'scores.jsonl' },
      append: (lines) => {
        file += lines;
      },
    },
    fingerprint,
  );
  const progress: string[] = [];
  const controller = new AbortController();
  const found = eachPiece(
    PIECES,
    async (at) => {
      if (++done === killedAfter) controller.abort();
      return numbersOf(at);
    },
    { log, signal: controller.signal, onProgress: (d, all) => progress.push(`${d}/${all}`) },
  );
  return { found: await found.catch((error: Error) => error.name), file, done, progress };
}

describe('a score log', () => {
  it('keeps each piece as soon as it is done, and goes on behind the last', async () => {
    const whole = await work({ seed: 1 });
    const part = await work({ seed: 1 }, undefined, 2);
    expect(part.found).toBe('AbortError');
    expect(whole.file.startsWith(part.file)).toBe(true);
    const rest = await work({ seed: 1 }, part.file);
    expect(rest.done).toBe(2);
    expect(rest.progress).toEqual(['2/4', '3/4', '4/4']);
    expect(rest.found).toEqual(whole.found);
    expect(rest.file).toBe(whole.file);
  });

  it('cut anywhere behind its first line, loses one piece at most', async () => {
    const { file, found } = await work({ seed: 1 });
    for (let length = file.indexOf('\n') + 1; length <= file.length; length++) {
      const cut = file.slice(0, length);
      const rest = await work({ seed: 1 }, cut);
      expect(rest.found).toEqual(found);
      expect(PIECES.length - rest.done).toBeGreaterThanOrEqual(cut.split('\n').length - 2);
      // And what it then wrote is as good as any.
      expect((await work({ seed: 1 }, rest.file)).done).toBe(0);
    }
  });

  it('of another evaluation is refused, and the difference named', async () => {
    const { file } = await work({ seed: 1, data: 'ab' });
    await expect(work({ seed: 2, data: 'ab' }, file)).rejects.toMatchObject({
      code: 'invalid-checkpoint',
      message: expect.stringMatching(/^scores\.jsonl: it was made with seed = 1, found 2; begin anew/),
    });
    await expect(work({ seed: 1 }, file)).rejects.toThrow('made with data = ab, found nothing');
    await expect(work({ seed: 1, data: 'ab', batch: 4 }, file)).rejects.toThrow(
      'made with batch = nothing, found 4',
    );
    await expect(work({}, 'some notes\n')).rejects.toThrow('it holds no scores of this version');
  });
});
