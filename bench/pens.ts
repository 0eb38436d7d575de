/**
 * Headlines in a reader's own words: PENS, for whoever has the data set and a model that writes headlines.
 * `npm run bench pens -- --data <folder> --model <folder | Hub id | URL> [--dtype q4] [--seeds 3] [--steps 1000]`
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONDITIONS } from '../src/evaluate/index.ts';
import type { Dtype } from '../src/node.ts';
import { seededRandom } from '../tools/world/random.ts';
import { modelFolder } from './model-folder.ts';
import { headlinesOf, type PensOptions, pensPeople, pickReaders } from './pens/examples.ts';
import { readPens } from './pens/read-pens.ts';
import { encodeSentences } from './persona-chat/encode.ts';
import { commandOf, writeResults } from './results.ts';
import { conditionTable, supported, textTable } from './results-table.ts';
import { openStudy } from './study.ts';

const CACHE = '.cache/pens';
const SEED = 1;
const SIZES = { readers: { train: 5000, valid: 200, test: 103 }, words: 120 };

export async function benchPens(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ data: { type: 'string' }, model: { type: 'string' } },
      dtype: { type: 'string', default: 'q4' },
      seeds: { type: 'string', default: '3' },
      steps: { type: 'string', default: '1000' },
    },
  });
  if (values.data === undefined) throw new Error('--data is missing, expected the folder of PENS');
  if (values.model === undefined) throw new Error('--model is missing, expected a folder, a Hub id or a URL');
  mkdirSync(CACHE, { recursive: true });
  const options = (label: string): PensOptions => ({ ...SIZES, random: seededRandom(SEED, label) });
  const pens = readPens(values.data);
  const readers = pickReaders(pens, options('readers'));
  const vectors = await encodeSentences(headlinesOf(readers, pens.news), CACHE);
  const people = (part: keyof typeof readers) => pensPeople(readers[part], pens.news, vectors, options(part));
  const model = await modelFolder(values.model, values.dtype as Dtype, join(CACHE, 'models'));
  const length = ['--max-length', '384'];
  const study = openStudy({
    ...{ folder: join(CACHE, `study-${model.replaceAll(/\W+/g, '-')}`), model, dtype: values.dtype },
    ...{ train: people('train'), validation: people('valid'), test: people('test') },
    seeds: Array.from({ length: Number(values.seeds) }, (_, i) => i + 1),
    recipe: ['--steps', values.steps, '--batch', '16', '--lr', '0.001', '--patience', '8', ...length],
    evaluation: ['--shuffles', '2', '--ranked', '100', '--generated', '50', ...length],
  });
  const files = await study.train([
    { name: 'projector', flags: [] },
    { name: 'constant', flags: ['--constant'] },
  ]);
  const [projectors, constants] = [files.get('projector')!, files.get('constant')!];
  const reports = await study.evaluate([{ name: 'pens', projectors, constants, conditions: CONDITIONS }]);
  const report = reports.get('pens')!;
  writeResults(
    'pens',
    `model ${values.model}`,
    `## ${values.model}

Made by \`${commandOf('pens', args)}\` on PENS (Ao et al., ACL 2021), ${values.dtype}. ${readers.train.length} readers to train, ${readers.valid.length} others to stop by; tested on ${report.examples} headlines that ${report.groups} people wrote for
themselves. User embedding: mean of the clicked headlines' sentence embeddings (Universal Sentence Encoder, 512 numbers), standardised on the training readers; text persona: the last clicked headlines. The first ${SIZES.words} words of an article are read.
K = 1 after BOS, ${values.steps} steps of 16, ${report.seeds} training seeds, ${report.shuffles} shuffles; ${report.targetTokens} target tokens, the same in every condition. Intervals are 95 %, over people, seeds and shuffles (pigeonhole bootstrap).

${conditionTable(report, 'headline')}

${textTable(report)}

Greedy texts of ${report.generated} prompts, first training seed, onnxruntime-node on one thread.

What these figures support:

${supported(report)}
`,
  );
}
