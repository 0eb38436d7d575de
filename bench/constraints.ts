/**
 * What a constraint costs, and ranking against scoring one by one: prints the rows of docs/generation.md.
 * `npx tsx bench/constraints.ts [model folder]`
 */
import { openConstraint } from '../src/generate/constraint/open-constraint.ts';
import { loadBaseModel } from '../src/model/base-model.ts';
import { Personalizer } from '../src/node.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';

const folder = process.argv[2] ?? 'public/models/e2p-tiny';
const WORDS =
  'red blue Night Train of the Sea Zürich drone calm end house café 東京 River Stone Heart Winter Golden last';
const words = WORDS.split(' ');
const titles = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const parts = [0, 1, 2].map((at) => words[Math.floor(i / words.length ** at) % words.length]);
    return `${parts.join(' ')} ${i}`;
  });
const person = (name: object) => ({
  jsonSchema: { type: 'object', properties: { name, age: { type: 'integer' } }, required: ['name', 'age'] },
});

async function timed<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const started = performance.now();
  const result = await work();
  console.log(`${name}: ${(performance.now() - started).toFixed(2)} ms`);
  return result;
}

const personalizer = await Personalizer.create({ model: folder });
const model = await loadBaseModel({
  source: createFolderSource(folder),
  dtypes: [personalizer.model.dtype as 'q4'],
});
const choices = titles(100_000);
await timed('100,000 titles, the first time', () => openConstraint(model, { choices }));
const posted = await timed('the list posted', () => structuredClone(choices));
const walk = await timed('the list again', () => openConstraint(model, { choices: posted }));
const ids = model.codec.encode(choices[50_000]!);
await timed(`${ids.length} steps down`, () => {
  for (const id of ids) {
    if (Array.from(walk.allowed).includes(id)) walk.advance(id);
  }
});
await timed('vocabulary and a date', () => openConstraint(model, { regexp: /\d{4}-\d\d-\d\d/ }));
for (const maxLength of [20, 100, 1000]) {
  const constraint = person({ type: 'string', maxLength });
  const open = () => openConstraint(model, constraint);
  const step = await timed(`a schema with a string of at most ${maxLength}`, open);
  for (const id of model.codec.encode('{"name": "J')) step.advance(id);
  await timed('a step in the string, the first time', () => step.allowed);
}
const session = await personalizer.createSession();
let [ended, valid] = [0, 0];
const question = 'Invent a person. Answer with a JSON object that has "name" and "age".';
for (let seed = 0; seed < 20; seed++) {
  const own = await session.clone();
  const options = { seed, temperature: 1, maxTokens: 100, constraint: person({ type: 'string' }) };
  const { text, finishReason } = await own.generate(question, options);
  if (finishReason === 'end') {
    const { name, age } = JSON.parse(text) as { readonly name: unknown; readonly age: unknown };
    ended++;
    valid += Number(typeof name === 'string' && Number.isInteger(age));
  }
  await own.destroy();
}
console.log(`of 20 seeds ${ended} ended within 100 tokens, ${valid} of them valid`);
const shortlist = titles(8000).filter((_, i) => i % 80 === 0);
await timed('100 candidates ranked', () => session.rank('Which of these?', shortlist));
await timed('100 candidates one by one', async () => {
  for (const title of shortlist) await session.rank('Which of these?', [title]);
});
await personalizer.destroy();
