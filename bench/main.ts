/** `npm run bench <name> [-- options]`: measures, prints and writes docs/results/<name>.md. */
import { benchAblate } from './ablate.ts';
import { benchAblateEmbedding } from './ablate-embedding.ts';
import { benchActivity } from './activity.ts';
import { benchAggregates } from './aggregates.ts';
import { benchAlign } from './align.ts';
import { benchBatch } from './batch.ts';
import { benchConstraints } from './constraints.ts';
import { benchDecode } from './decode.ts';
import { benchDrift } from './drift.ts';
import { benchDriftLevels } from './drift-levels.ts';
import { benchDriftTests } from './drift-tests.ts';
import { benchFeedback } from './feedback.ts';
import { benchGenerate } from './generate.ts';
import { benchInt8 } from './int8.ts';
import { benchInversion } from './inversion.ts';
import { benchLoad } from './load.ts';
import { benchMovielens } from './movielens.ts';
import { benchMovielensLlm } from './movielens-llm.ts';
import { benchPens } from './pens.ts';
import { benchPersonaChat } from './persona-chat.ts';
import { benchPoc } from './poc.ts';
import { benchPrefill } from './prefill.ts';
import { benchSoak } from './soak.ts';
import { benchTraining } from './training.ts';

const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  ablate: benchAblate,
  'ablate-embedding': benchAblateEmbedding,
  aggregates: benchAggregates,
  activity: benchActivity,
  constraints: benchConstraints,
  batch: benchBatch,
  decode: benchDecode,
  drift: benchDrift,
  'drift-levels': benchDriftLevels,
  align: benchAlign,
  'drift-tests': benchDriftTests,
  feedback: benchFeedback,
  generate: benchGenerate,
  int8: benchInt8,
  inversion: benchInversion,
  load: benchLoad,
  movielens: benchMovielens,
  'movielens-llm': benchMovielensLlm,
  pens: benchPens,
  'persona-chat': benchPersonaChat,
  poc: benchPoc,
  prefill: benchPrefill,
  soak: benchSoak,
  training: benchTraining,
};

const name = process.argv[2] ?? '';
const run = BENCHES[name];
if (run === undefined) {
  console.error(`bench: ${JSON.stringify(name)}, expected ${Object.keys(BENCHES).join(' or ')}`);
  process.exitCode = 2;
} else await run(process.argv.slice(3));
