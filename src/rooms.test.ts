import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('.', import.meta.url));

/** From the top floor down; a file imports from its own room and from rooms below. */
const ROOMS =
  'ai-sdk transformers prompt-api cli worker evaluate train generate user projector model storage runtime onnx'.split(
    ' ',
  );
/** Entry points stand on top of the house and may see all of it. */
const floor = (file: string): number => {
  const [room = '', more] = file.split(sep);
  if (more === undefined) return room === 'error.ts' ? ROOMS.length : -1;
  return ROOMS.indexOf(room);
};

describe('the rooms', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (f) => f.endsWith('.ts') && !f.endsWith('.test.ts') && !f.startsWith('testing'),
  );

  it('imports run one way, downwards', () => {
    const upwards = files.flatMap((file) => {
      const text = readFileSync(join(src, file), 'utf8');
      const imports = [...text.matchAll(/(?:from|import\() ?'(\.{1,2}\/[^']+)'/g)].map((m) => m[1]!);
      return (
        imports
          .map((path) => normalize(join(dirname(file), path)))
          // What is built (`sealed/`) has no room.
          .filter((target) => !target.startsWith('..') && floor(target) < floor(file))
          .map((target) => `${file} imports ${target}`)
      );
    });
    // The command line is a user of the Node entry point.
    expect(upwards).toEqual([`cli${sep}generate.ts imports node.ts`]);
  });

  it('every room is known', () => {
    const rooms = new Set(files.filter((f) => f.includes(sep)).map((f) => f.split(sep)[0]!));
    expect([...rooms].filter((room) => !ROOMS.includes(room))).toEqual([]);
  });
});
