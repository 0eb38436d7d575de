/**
 * What a constraint costs, and ranking against scoring one by one. `npm run bench constraints [-- <model folder>]` adds a run to
 * docs/results/constraints.json and renders the page beside it.
 */
import { loadavg } from 'node:os';
import { basename } from 'node:path';
import { openConstraint } from '../src/generate/constraint/open-constraint.ts';
import { type Dtype, loadModel, Personalizer } from '../src/node.ts';
import { keepResults, LENGTHS, SEEDS } from './constraints-results.ts';

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

export async function benchConstraints([
  folder = 'public/models/e2p-tiny',
]: readonly string[]): Promise<void> {
  const [load] = loadavg();
  const timings: Record<string, number> = {};
  const timed = async <T>(name: string, work: () => Promise<T> | T): Promise<T> => {
    const started = performance.now();
    const result = await work();
    timings[name] = Number((performance.now() - started).toPrecision(3));
    return result;
  };

  const personalizer = await Personalizer.create({ model: folder });
  const model = await loadModel({ model: folder, dtype: personalizer.model.dtype as Dtype });
  const choices = titles(100_000);
  await timed('titles', () => openConstraint(model, { choices }));
  const posted = await timed('posted', () => structuredClone(choices));
  const walk = await timed('found', () => openConstraint(model, { choices: posted }));
  const ids = model.codec.encode(choices[50_000]!);
  await timed('walk', () => {
    for (const id of ids) {
      if (Array.from(walk.allowed).includes(id)) walk.advance(id);
    }
  });
  await timed('date', () => openConstraint(model, { regexp: /\d{4}-\d\d-\d\d/ }));
  for (const maxLength of LENGTHS) {
    const constraint = person({ type: 'string', maxLength });
    const step = await timed(`schema ${maxLength}`, () => openConstraint(model, constraint));
    for (const id of model.codec.encode('{"name": "J')) step.advance(id);
    await timed(`step ${maxLength}`, () => step.allowed);
  }
  const session = await personalizer.createSession();
  let [ended, valid] = [0, 0];
  const question = 'Invent a person. Answer with a JSON object that has "name" and "age".';
  for (let seed = 0; seed < SEEDS; seed++) {
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
  const shortlist = titles(8000).filter((_, i) => i % 80 === 0);
  await timed('ranked', () => session.rank('Which of these?', shortlist));
  await timed('ranked one by one', async () => {
    for (const title of shortlist) await session.rank('Which of these?', [title]);
  });
  await personalizer.destroy();
  keepResults({
    ...{ model: basename(folder), dtype: personalizer.model.dtype, vocabulary: model.facts.vocabularySize },
    ...{ titleTokens: ids.length, load: Number(load!.toFixed(1)), ended, valid, timings },
  });
}
