/**
 * `npm run make:demo-people`: the made-up people of the demo's page with the real LLM. Their lines go into `llm-people.json`, what
 * the sentence encoder makes of each line into `llm-people.bin`, so that the page needs no encoder. Nobody here is real.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadSentenceEncoder } from '../../src/node.ts';
import { ENCODER, SPACE } from './make-smollm2.ts';

export interface DemoPerson {
  readonly name: string;
  /** What the person writes about themselves; each line is one vector. */
  readonly lines: readonly string[];
}

/**
 * `llm-people.json`. Beside it lies `llm-people.bin`: float32, little-endian, [lines of all people, dim], in the order in
 * which they stand here.
 */
export interface DemoPeople {
  readonly version: 1;
  /** Of the vectors; the projector's contract has to name the same. */
  readonly space: string;
  readonly dim: number;
  readonly people: readonly DemoPerson[];
  /** Open ones, which any of these people could ask. */
  readonly questions: readonly string[];
}

export const PEOPLE: readonly DemoPerson[] = [
  {
    name: 'Agnes',
    lines: [
      'Three beehives stand at the bottom of my garden, and every August I jar the honey.',
      'I play second violin in an amateur orchestra.',
    ],
  },
  {
    name: 'Barnaby',
    lines: [
      'On Saturdays I mend old bicycles for the neighbours.',
      'There is a rye loaf in my oven every other morning.',
      "I can't abide waiting in queues.",
    ],
  },
  {
    name: 'Chioma',
    lines: ['My telescope hardly fits on the balcony.', 'I fall asleep over books about black holes.'],
  },
  {
    name: 'Desmond',
    lines: ['I swim in the sea all year round, January included.', 'My terrier comes everywhere with me.'],
  },
  {
    name: 'Elin',
    lines: [
      'I draw comics about my family.',
      'Give me a long train journey and a window seat.',
      'I take my tea without milk.',
    ],
  },
  {
    name: 'Farouk',
    lines: [
      'I cook a lamb curry for twelve at the drop of a hat.',
      'I know the score of every county cricket match since April.',
    ],
  },
  {
    name: 'Ginevra',
    lines: ['My allotment is full of leeks and dahlias.', 'I sing alto in the village choir.'],
  },
  {
    name: 'Hamish',
    lines: [
      'I have climbed most of the Munros, some of them twice.',
      'I restore a wooden sailing boat in a shed by the loch.',
      'The phone stays at home.',
    ],
  },
  {
    name: 'Iris',
    lines: ['I knit jumpers for all the babies in our street.', 'Detective novels pile up beside my bed.'],
  },
  {
    name: 'Jolyon',
    lines: ['I build robots out of broken printers.', 'On Thursdays I play chess at the library.'],
  },
  {
    name: 'Keiko',
    lines: [
      'I crawl through the woods to photograph mushrooms.',
      'I learn a little Welsh every morning.',
      'My flat is on the fourth floor, and the lift is slow.',
    ],
  },
  {
    name: 'Leopold',
    lines: ['I dance the tango twice a week.', 'I collect old maps of cities.'],
  },
];

export const QUESTIONS: readonly string[] = [
  'What could I do on a free Saturday?',
  'What present would make me happy?',
  'Suggest an idea for a small project of mine.',
  'Write a headline for an article that I would read at once.',
  'What should I talk about at dinner?',
  'Begin a short story for me.',
];

/** Both files. @param encoder folder or Hub id of the sentence encoder */
export async function encodePeople(
  encoder: string,
): Promise<{ readonly json: DemoPeople; readonly vectors: Float32Array }> {
  const loaded = await loadSentenceEncoder({ id: encoder });
  try {
    const vectors = await loaded.encode(PEOPLE.flatMap(({ lines }) => lines));
    return {
      json: { version: 1, space: SPACE, dim: loaded.dim, people: PEOPLE, questions: QUESTIONS },
      vectors,
    };
  } finally {
    await loaded.release();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'public/world' },
      encoder: { type: 'string', default: ENCODER },
    },
  });
  const { json, vectors } = await encodePeople(values.encoder);
  mkdirSync(values.out, { recursive: true });
  writeFileSync(join(values.out, 'llm-people.json'), `${JSON.stringify(json, null, 1)}\n`);
  writeFileSync(join(values.out, 'llm-people.bin'), new Uint8Array(vectors.buffer));
  console.log(`${PEOPLE.length} people, ${vectors.length / json.dim} vectors of ${json.dim} numbers`);
}
