/** People in their own words, with a real LLM and a sentence encoder: what of their lines can be told from what the LLM reads and writes. */
import { readFileSync } from 'node:fs';
import type { Attribute } from '../../src/evaluate/audit/attributes.ts';
import { type AuditReport, audit } from '../../src/evaluate/audit/audit.ts';
import { VIEWS } from '../../src/evaluate/audit/views.ts';
import { createRuntime, loadModel, loadSentenceEncoder } from '../../src/node.ts';
import { readProjector, withAnchorRows } from '../../src/projector/projector.ts';
import type { Users } from '../../src/train.ts';
import { CRAFT_INTERESTS } from '../../tools/smollm2/data/interests-crafts.ts';
import { FOOD_INTERESTS } from '../../tools/smollm2/data/interests-food.ts';
import { LIFE_INTERESTS } from '../../tools/smollm2/data/interests-life.ts';
import { MUSIC_INTERESTS } from '../../tools/smollm2/data/interests-music.ts';
import { NATURE_INTERESTS } from '../../tools/smollm2/data/interests-nature.ts';
import { READING_INTERESTS } from '../../tools/smollm2/data/interests-reading.ts';
import { SCIENCE_INTERESTS } from '../../tools/smollm2/data/interests-science.ts';
import { SPORT_INTERESTS } from '../../tools/smollm2/data/interests-sport.ts';
import { TRAVEL_INTERESTS } from '../../tools/smollm2/data/interests-travel.ts';
import { TRAIN_LINES } from '../../tools/smollm2/data/train-lines.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { note, SEED } from './readers.ts';

const LLM = '../shared/models/smollm2-135m-instruct';
const ENCODER = '../shared/models/all-minilm-l6-v2';
const LLM_PROJECTOR = 'public/projectors/smollm2-135m-instruct.safetensors';
const AREAS = {
  sport: SPORT_INTERESTS,
  food: FOOD_INTERESTS,
  music: MUSIC_INTERESTS,
  crafts: CRAFT_INTERESTS,
  nature: NATURE_INTERESTS,
  science: SCIENCE_INTERESTS,
  reading: READING_INTERESTS,
  travel: TRAVEL_INTERESTS,
  life: LIFE_INTERESTS,
};

/** The file in which an interest stands. */
const areaOf = new Map(
  Object.entries(AREAS).flatMap(([area, interests]) => interests.map((interest) => [interest, area])),
);

const contentWords = (line: string): string[] => line.toLowerCase().match(/\p{L}{5,}/gu) ?? [];

/** People who say one line: what of it can be told from its vector, and from what the LLM reads of it. */
export async function auditLlm(): Promise<AuditReport> {
  const runtime = createRuntime();
  const model = await loadModel({ model: LLM, dtype: 'q4' });
  const projector = await withAnchorRows(readProjector(readFileSync(LLM_PROJECTOR)), model, runtime);
  const random = seededRandom(SEED, 'lines');
  const lines = random.shuffled(TRAIN_LINES);
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  note('encoding');
  const rows = new Map<string, Float32Array>();
  for (const [i, { line }] of lines.entries()) rows.set(`p${i}`, await encoder.encode([line]));
  await encoder.release();
  const users: Users = { dim: projector.contract.space.dim, rows };
  const attributes: Attribute[] = [
    {
      name: 'area of interest',
      kind: 'class',
      answers: new Map(lines.map(({ interest }, i) => [`p${i}`, areaOf.get(interest)!])),
    },
    {
      name: 'a word of the line',
      kind: 'set',
      answers: new Map(lines.map(({ line }, i) => [`p${i}`, new Set(contentWords(line))])),
    },
  ];
  const common = { model, runtime, projector, users, attributes, seed: SEED };
  const prompts = [[{ role: 'user' as const, content: 'Give me an idea for the weekend.' }]];
  note('views of the LLM');
  const onProgress = (done: number, all: number) => {
    if (done % 100 === 0) note(`${done} of ${all}`);
  };
  return audit({ ...common, views: VIEWS, prompts, maxTokens: 24, onProgress });
}
