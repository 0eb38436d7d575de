/**
 * `e2p evaluate`: does a projector personalise, against every control. What is measured is kept beside the report while it is made, so that an
 * interruption costs next to nothing.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { E2PError } from '../error.ts';
import { CONDITIONS, type Condition } from '../evaluate/conditions.ts';
import { evaluate as evaluateProjector } from '../evaluate/evaluate.ts';
import { reportMarkdown, reportPage } from '../evaluate/report.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { checkContract } from '../projector/check-contract.ts';
import { type Projector, readProjector, withAnchorRows } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { readExamples } from '../train/training-data.ts';
import { checkEncoder } from '../user/sentence-encoder.ts';
import { checkDtype } from './dtype.ts';
import { readEncoded } from './encode.ts';
import { readInput } from './files.ts';
import { numberOption } from './numbers.ts';
import { createProgressLine } from './progress-line.ts';

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
/** Given once for each training seed. */
const TEXTS = { type: 'string', multiple: true } as const;
const OPTIONS = {
  ...{ model: TEXT, projector: TEXTS, constant: TEXTS, users: TEXT, data: TEXT, out: TEXT, conditions: TEXT },
  encoder: TEXT,
  ...{
    shuffles: TEXT,
    ranked: TEXT,
    generated: TEXT,
    deployed: TEXT,
    'max-tokens': TEXT,
    'max-length': TEXT,
    batch: TEXT,
  },
  ...{ seed: TEXT, threads: TEXT, dtype: TEXT, 'by-group': FLAG, resume: FLAG },
} as const;

export async function evaluate(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const needed = (name: 'model' | 'users' | 'data' | 'out'): string => {
    const value = values[name];
    if (value === undefined) throw new E2PError('invalid-argument', `--${name} is missing`);
    return value;
  };
  const [folder, usersFile] = [needed('model'), needed('users')];
  const [data, out] = [needed('data'), needed('out')];
  if (values.projector === undefined) throw new E2PError('invalid-argument', '--projector is missing');
  type NumberName = Exclude<keyof typeof OPTIONS, 'projector' | 'constant' | 'by-group' | 'resume'>;
  const number = (name: NumberName) => numberOption(name, values[name]);
  const numbers = Object.fromEntries(
    Object.entries({
      ...{ shuffles: number('shuffles'), ranked: number('ranked'), generated: number('generated') },
      deployed: number('deployed'),
      ...{ maxTokens: number('max-tokens'), maxLength: number('max-length'), batch: number('batch') },
      seed: number('seed'),
    }).filter(([, v]) => v !== undefined),
  );
  const { encoder } = values;
  const { users, encoder: made } = await readEncoded({ users: usersFile, encoder });
  const examples = readExamples(readInput(data), data, users);
  const readAll = (files: readonly string[]) => files.map((file) => readProjector(readInput(file), file));
  const [projectors, constants] = [readAll(values.projector), readAll(values.constant ?? [])];
  const hasPersonas = examples.every((e) => e.persona !== undefined);
  const conditions =
    values.conditions === undefined
      ? CONDITIONS.filter(
          (c) => (constants.length > 0 || c !== 'constant') && (hasPersonas || !c.includes('text')),
        )
      : [...new Set(values.conditions.split(',').map(checkCondition))];
  const dtype = checkDtype(values.dtype ?? projectors[0]!.contract.model.dtype)!;
  const scoresFile = join(out, 'scores.jsonl');
  // Before the work: an hour later it would be too late.
  writing(out, () => {
    mkdirSync(out, { recursive: true });
    closeSync(openSync(scoresFile, 'a'));
  });
  const before = unfinished(scoresFile);
  if (!before) rmSync(scoresFile);
  if (values.resume && !before) console.error(`${scoresFile} holds no scores: beginning anew`);
  if (!values.resume && before) console.error(`${scoresFile} is overwritten; --resume would go on from it`);

  const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: [dtype] });
  const named = [...values.projector, ...(values.constant ?? [])];
  const runtime = createNodeRuntime({ threads: number('threads') ?? 1 });
  for (const [i, { contract }] of [...projectors, ...constants].entries()) {
    await checkContract(contract, model, runtime, named[i]!);
    if (made && contract.space.encoder) checkEncoder(made, contract.space.encoder, encoder!);
  }
  const ready = (all: readonly Projector[]) => Promise.all(all.map((p) => withAnchorRows(p, model, runtime)));
  const show = createProgressLine();
  const controller = new AbortController();
  const onSignal = () => controller.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const goingOn = values.resume ? before : undefined;
  let file: number | undefined;
  try {
    const report = await evaluateProjector({
      ...{ model, users, examples, conditions, ...numbers },
      ...{ projectors: await ready(projectors), constants: await ready(constants) },
      ...(values['by-group'] && { byGroup: true }),
      runtime,
      signal: controller.signal,
      scores: {
        before: goingOn,
        append: (lines) =>
          writing(scoresFile, () => {
            file ??= openSync(scoresFile, goingOn ? 'a' : 'w');
            writeFileSync(file, lines);
            fsyncSync(file);
          }),
      },
      onProgress: (stage, done, all) => show({ stage, done, all }),
    });
    const markdown = reportMarkdown(report);
    writing(out, () => {
      writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
      writeFileSync(join(out, 'report.md'), markdown);
      writeFileSync(join(out, 'report.html'), reportPage(report));
    });
    rmSync(scoresFile, { force: true });
    console.log(markdown);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    const kept = unfinished(scoresFile) ? `what was measured is in ${scoresFile}, go on with --resume` : '';
    console.error(`\nstopped; ${kept || 'nothing was measured yet'}`);
    process.exitCode = 130;
  } finally {
    if (file !== undefined) closeSync(file);
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** What an evaluation has left that ended early; undefined where that is not even a whole line. */
function unfinished(name: string) {
  const bytes = existsSync(name) ? readInput(name) : undefined;
  return bytes?.includes(0x0a) ? { bytes, name } : undefined;
}

function writing(path: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new E2PError('storage-failed', `${path} could not be written: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function checkCondition(text: string): Condition {
  const found = CONDITIONS.find((c) => c === text.trim());
  if (found !== undefined) return found;
  throw new E2PError(
    'invalid-argument',
    `--conditions names ${JSON.stringify(text)}, expected some of ${CONDITIONS.join(',')}`,
  );
}
