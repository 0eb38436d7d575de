/** People in their own words, with a real LLM and a sentence encoder: what of their lines can be told from what the LLM reads and writes. */
import { readFileSync } from 'node:fs';
import type { Attribute } from '../../src/evaluate/audit/attributes.ts';
import { type AuditReport, audit } from '../../src/evaluate/audit/audit.ts';
import type { View } from '../../src/evaluate/audit/views.ts';
import { createRuntime, loadModel, loadSentenceEncoder } from '../../src/node.ts';
import { readProjector, withAnchorRows } from '../../src/projector/projector.ts';
import type { Interest } from '../../tools/smollm2/data/interest.ts';
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
/** People, nearly half a second of a processor each where the LLM writes for them, a fifth of one where it only reads. */
const [READ, WRITTEN] = [300, 100];
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
export const areaOf: ReadonlyMap<Interest, string> = new Map(
  Object.entries(AREAS).flatMap(([area, interests]) => interests.map((interest) => [interest, area])),
);

const contentWords = (line: string): string[] => line.toLowerCase().match(/\p{L}{5,}/gu) ?? [];

/** What the LLM reads and, of fewer people, what it writes. */
export interface LlmAudit {
  readonly read: AuditReport;
  readonly written?: AuditReport;
}

export const attackedLines = () => seededRandom(SEED, 'lines').shuffled(TRAIN_LINES).slice(0, READ);

/** People who say one line each, its vector and what is known of it. */
export async function peopleOfLines() {
  const lines = attackedLines();
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  note('encoding');
  const rows = new Map<string, Float32Array>();
  for (const [i, { line }] of lines.entries()) rows.set(`p${i}`, await encoder.encode([line]));
  await encoder.release();
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
  return { rows, attributes };
}

/** People who say one line: what of it can be told from its vector, and from what the LLM makes of it; told as soon as it is known. */
export async function* auditLlm(): AsyncGenerator<LlmAudit> {
  const runtime = createRuntime();
  const model = await loadModel({ model: LLM, dtype: 'q4' });
  const projector = await withAnchorRows(readProjector(readFileSync(LLM_PROJECTOR)), model, runtime);
  const { rows, attributes } = await peopleOfLines();
  const prompts = [[{ role: 'user' as const, content: 'Give me an idea for the weekend.' }]];
  const onProgress = (done: number, all: number) => {
    if (done % 50 === 0) note(`${done} of ${all}`);
  };
  const audited = (views: readonly View[], people: number) =>
    audit({
      ...{ model, runtime, projector, attributes, prompts, views, onProgress, maxTokens: 24, seed: SEED },
      users: { dim: projector.contract.space.dim, rows: new Map([...rows].slice(0, people)) },
    });
  note('what the LLM reads');
  const read = await audited(['embedding', 'soft-token', 'kv-cache'], READ);
  yield { read };
  note('what it writes');
  yield { read, written: await audited(['text'], WRITTEN) };
}
