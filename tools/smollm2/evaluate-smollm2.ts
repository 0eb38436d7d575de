/**
 * `npm run evaluate:smollm2`: does the LLM follow what unseen people say about themselves, at what cost, and what is harmed? Test
 * people, wordings, interests, questions and dialogues were not looked at while the recipe was chosen (`--split dev` for that).
 * Writes docs/results/smollm2.json and the page made from it.
 *
 *   --only followed,nll,harm,dialogue,order,cost,exports   these parts; the others stay as they are where the projector is the same
 *   --projector a,b,c      the first is measured, further ones (other seeds, same recipe) show the spread
 *   --constant file        a soft token trained without knowing anybody (make:smollm2 -- --constant)
 *   --models name=folder:dtype,…   other exports of the LLM, for the part exports
 *
 * Answers are kept by what was asked (`measure/answer-store.ts`): what was interrupted goes on, and another projector redoes only its
 * own. Two processes fill that store first, then one reads it all and takes the times.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { HeldOut } from './data/people.ts';
import { ENCODER, MODEL } from './make-smollm2.ts';
import { measureCost } from './measure/cost.ts';
import { measureDialogue } from './measure/dialogue.ts';
import { measureExports, type OtherExport, parseExports } from './measure/exports.ts';
import { measureFollowed } from './measure/followed.ts';
import { measureHarm } from './measure/harm.ts';
import { measureLikelihood } from './measure/likelihood.ts';
import { measureOrder } from './measure/order.ts';
import { openSetting, type Setting, type SettingOptions } from './measure/setting.ts';
import { PARTS, type Part, type PartReports, reportSmollm2, type SmollmReport } from './report-smollm2.ts';

const DIALOGUES = '../shared/data/synthetic-persona-chat';
/** Parts that two processes ask for side by side; times are taken afterwards, alone. */
const LANES: readonly (readonly Part[])[] = [['followed'], ['dialogue', 'harm', 'order', 'exports', 'nll']];

export interface EvaluateOptions extends SettingOptions {
  /** Default: all. */
  readonly parts?: readonly Part[];
  readonly dialogues?: string;
  readonly models?: readonly OtherExport[];
  /** Of an earlier run: its parts are kept if they are of the same projector and people. */
  readonly before?: SmollmReport | undefined;
}

export async function evaluateSmollm2(options: EvaluateOptions): Promise<SmollmReport> {
  const { parts = PARTS, models = [], before } = options;
  const setting = await openSetting(options);
  const { subjects, jobs, told, model, sizes } = setting;
  try {
    const head = {
      split: setting.split,
      model: { id: told.projector.contract.model.id, dtype: model.dtype },
      projector: {
        sha256: sha256(readFileSync(options.projector)),
        training: told.projector.contract.training ?? {},
        parameters: Object.values(told.projector.weights).reduce((sum, { length }) => sum + length, 0),
        anchors: told.projector.anchors?.ids.length ?? 0,
        phrases: told.projector.anchors?.phrases?.length ?? 0,
        slot: told.projector.contract.slot,
      },
      ...{ people: subjects.length, questions: jobs.length, tokens: sizes.tokens },
      askedSha256: sha256(JSON.stringify(jobs.map(({ subject, question }) => [subject.lines, question]))),
      kinds: Object.fromEntries(
        [...new Set(subjects.map((s) => s.kind))].map((kind) => [
          kind,
          subjects.filter((s) => s.kind === kind).length,
        ]),
      ),
    };
    const isSame =
      before?.projector.sha256 === head.projector.sha256 && before.askedSha256 === head.askedSha256;
    const measures = measuresOf(setting, options);
    const found: Record<string, unknown> = {};
    for (const part of PARTS) {
      const isAsked = parts.includes(part) && (part !== 'exports' || models.length > 0);
      if (isAsked) found[part] = await measures[part]();
      else if (isSame) found[part] = before[part];
    }
    return { ...head, ...(found as PartReports) };
  } finally {
    await setting.asker.release();
    await setting.encoder.release();
  }
}

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

type Measures = { readonly [P in Part]: () => Promise<PartReports[P]> };

const measuresOf = (setting: Setting, options: EvaluateOptions): Measures => ({
  followed: () => measureFollowed(setting),
  nll: () => measureLikelihood(setting),
  harm: () => measureHarm(setting),
  dialogue: () => measureDialogue(setting, options.dialogues ?? DIALOGUES),
  order: () => measureOrder(setting),
  cost: () => measureCost(setting),
  exports: async () => {
    const { model: folder, dtype, models = [], projector } = options;
    return measureExports(setting, { name: 'the file of this page', folder, dtype }, models, projector);
  },
});

/** This command again, for some parts, with its answers kept and nothing written. Whatever it leaves open is asked afterwards. */
function fill(parts: readonly Part[], args: readonly string[]): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', process.argv[1]!, ...args, '--only', parts.join(','), '--fill'],
    { stdio: 'inherit' },
  );
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code !== 0) console.error(`${parts.join(', ')}: ended with ${signal ?? code} before all was asked`);
      resolve();
    });
  });
}

function parseParts(text: string | undefined): readonly Part[] {
  if (text === undefined) return PARTS;
  const names = text.split(',');
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) throw new Error(`--only has ${unknown}, expected some of ${PARTS.join(',')}`);
  return PARTS.filter((part) => names.includes(part));
}

if (process.argv[1]?.endsWith('evaluate-smollm2.ts')) {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      model: { type: 'string', default: MODEL },
      dtype: { type: 'string', default: 'q4' },
      models: { type: 'string' },
      encoder: { type: 'string', default: ENCODER },
      projector: { type: 'string', default: 'public/projectors/smollm2-135m-instruct.safetensors' },
      constant: { type: 'string' },
      dialogues: { type: 'string', default: DIALOGUES },
      split: { type: 'string', default: 'test' },
      cache: { type: 'string', default: '.cache/smollm2/evaluate' },
      threads: { type: 'string', default: '1' },
      out: { type: 'string', default: 'docs/results' },
      smoke: { type: 'boolean', default: false },
      fill: { type: 'boolean', default: false },
    },
  });
  const parts = parseParts(values.only);
  if (!values.fill) {
    const lanes = LANES.map((lane) => lane.filter((part) => parts.includes(part)));
    // The last of several --only counts.
    const args = process.argv.slice(2);
    await Promise.all(lanes.filter((lane) => lane.length > 0).map((lane) => fill(lane, args)));
  }
  const name = values.split === 'test' ? 'smollm2' : `smollm2-${values.split}`;
  const file = join(values.out, `${name}.json`);
  const [projector, ...seeds] = values.projector.split(',');
  const report = await evaluateSmollm2({
    ...{ parts, model: values.model, dtype: values.dtype as 'q4', encoder: values.encoder },
    ...{ projector: projector!, seeds, constant: values.constant, dialogues: values.dialogues },
    ...{ split: values.split as HeldOut, cache: values.cache, threads: Number(values.threads) },
    ...{ smoke: values.smoke, models: values.models === undefined ? [] : parseExports(values.models) },
    before: existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SmollmReport) : undefined,
  });
  if (!values.fill) {
    writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(values.out, `${name}.md`), reportSmollm2(report));
    console.log(reportSmollm2(report));
  }
}
