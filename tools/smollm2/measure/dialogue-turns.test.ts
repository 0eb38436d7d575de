/** Who is tested on dialogues shares nothing with whoever a projector was aligned with, nor with each other. */
import { describe, expect, it } from 'vitest';
import { hasShared, sharedNote, sharedPath } from '../../../src/testing/shared.ts';
import { readPersonas } from '../training-files.ts';
import { drawTurns } from './dialogue-turns.ts';

describe.skipIf(!hasShared)(`test turns of dialogues${sharedNote}`, () => {
  const folder = () => sharedPath('data/synthetic-persona-chat');

  it('are 90 people of whom no two share a line, none of them with the validation dialogues', () => {
    const turns = drawTurns(folder(), 'test', 90, 1);
    const lines = turns.flatMap((turn) => turn.lines);
    expect(turns).toHaveLength(90);
    expect(new Set(lines).size).toBe(turns.reduce((sum, turn) => sum + new Set(turn.lines).size, 0));
    const aligned = new Set(readPersonas(`${folder()}/valid.jsonl`));
    expect(lines.filter((line) => aligned.has(line))).toEqual([]);
    for (const { before, text } of turns) {
      expect(before.at(-1)!.own).toBe(false);
      expect(text).not.toContain('[');
    }
  });

  it('are the same for the same seed', () => {
    const ids = (seed: number) => drawTurns(folder(), 'test', 20, seed).map(({ id }) => id);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
  });
});
