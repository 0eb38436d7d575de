/**
 * Adds to the projector for SmolLM2 how lines that people write about themselves lie in its space, without training it anew: the hand-written
 * ones of its training, and those of Synthetic-Persona-Chat. Its other training lines are made from templates, and lie nearer to their mean.
 * `npx tsx tools/smollm2/reference.ts` writes the file, and says how lines of other people fit; all other tensors, and the contract, stay as they are.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadSentenceEncoder } from '../../src/node.ts';
import { referenceOf } from '../../src/train/reference-of-users.ts';
import { readProjector, writeProjector } from '../../src/train.ts';
import { DRIFT_RULE, fitOf, pValueOf } from '../../src/user/user-fit.ts';
import { seededRandom } from '../world/random.ts';
import { freePeople, heldOutPeople } from './data/people.ts';
import { TRAIN_LINES } from './data/train-lines.ts';
import { PEOPLE } from './demo-people.ts';
import { ENCODER } from './make-smollm2.ts';

const SHARED = '../shared/data/synthetic-persona-chat';
/** No lines of anybody about themselves. */
const OTHER_TEXT = [
  'asdf qwer zxcv uiop hjkl',
  '0x7fff5fbff8a0 SIGSEGV core dumped',
  'SELECT id FROM orders WHERE total > 100;',
  'Лорем ипсум долор сит амет',
  '!!!!!!!!!!!!!!!!',
];

/** Lines of each person of Synthetic-Persona-Chat. */
function peopleOf(split: 'valid' | 'test'): readonly (readonly string[])[] {
  const dialogues = readFileSync(`${SHARED}/${split}.jsonl`, 'utf8').split('\n').filter(Boolean);
  const people = dialogues.flatMap((line) => (JSON.parse(line) as { personas: string[][] }).personas);
  return [...new Map(people.map((lines) => [JSON.stringify(lines), lines])).values()];
}

const { values } = parseArgs({
  options: {
    projector: { type: 'string', default: 'public/projectors/smollm2-135m-instruct.safetensors' },
  },
});
const projector = readProjector(readFileSync(values.projector), values.projector);
const { dim, mean } = projector.contract.space;
const encoder = await loadSentenceEncoder({ id: ENCODER });
const cache = new Map<string, Float32Array>();
const encoded = async (people: readonly (readonly string[])[]) => {
  const found: Float32Array[][] = [];
  for (const lines of people) {
    const missing = lines.filter((line) => !cache.has(line));
    if (missing.length > 0) {
      const vectors = await encoder.encode(missing);
      for (const [i, line] of missing.entries()) cache.set(line, vectors.slice(i * dim, (i + 1) * dim));
    }
    found.push(lines.map((line) => cache.get(line)!));
  }
  return found;
};
// Many people share a line, and whoever is measured must not have been fitted on: each line counts once.
const lines = [...new Set([...peopleOf('valid').flat(), ...TRAIN_LINES.map(({ line }) => line)])];
const known = await encoded(lines.map((line) => [line]));
const reference = referenceOf({ users: known, mean, isOwnMean: false })!;
writeFileSync(values.projector, writeProjector({ ...projector, reference }));
const strangers = peopleOf('test').filter((lines) => lines.every((line) => !cache.has(line)));
const tested = heldOutPeople(
  'test',
  { people: 40, wordings: 40, interests: 40 },
  seededRandom(1, 'reference'),
);
for (const [name, people] of Object.entries({
  'lines of the reference': known,
  'other people of Synthetic-Persona-Chat': await encoded(strangers),
  'people of the test': await encoded(tested.map(({ lines }) => lines)),
  'people in their own words': await encoded(freePeople('test').map(({ lines }) => lines)),
  'people of the page': await encoded(PEOPLE.map(({ lines }) => lines)),
  'other text': await encoded(OTHER_TEXT.map((line) => [line])),
})) {
  const p = people.map((lines) => pValueOf(reference, mean, lines));
  const levels = people.map((lines) => {
    const values = Float32Array.from(lines.flatMap((line) => [...line]));
    return fitOf({ contract: projector.contract, reference }, values, DRIFT_RULE, undefined).level;
  });
  const share = (of: number) => `${((100 * of) / people.length).toFixed(1)} %`;
  const below = (bound: number) => share(p.filter((each) => each < bound).length);
  console.log(
    `${name}: ${people.length}; p < 0.1 ${below(0.1)}, < 0.01 ${below(0.01)}; unusual ${share(levels.filter((l) => l === 'unusual').length)}, alien ${share(levels.filter((l) => l === 'alien').length)}`,
  );
}
