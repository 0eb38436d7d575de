/** `e2p evaluate`: does a projector personalise, against every control. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { E2PError } from '../error.ts';
import { CONDITIONS, type Condition } from '../evaluate/conditions.ts';
import { evaluate as evaluateProjector } from '../evaluate/evaluate.ts';
import { reportMarkdown, reportPage } from '../evaluate/report.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { readExamples, readUsers } from '../train/training-data.ts';
import { checkDtype } from './dtype.ts';
import { readInput } from './files.ts';
import { numberOption } from './numbers.ts';
import { createProgressLine } from './progress-line.ts';

const TEXT = { type: 'string' } as const;
const FLAG = { type: 'boolean' } as const;
/** Given once for each training seed. */
const TEXTS = { type: 'string', multiple: true } as const;
const OPTIONS = {
  ...{ model: TEXT, projector: TEXTS, constant: TEXTS, users: TEXT, data: TEXT, out: TEXT, conditions: TEXT },
  ...{ shuffles: TEXT, ranked: TEXT, generated: TEXT, 'max-tokens': TEXT, 'max-length': TEXT, batch: TEXT },
  ...{ seed: TEXT, threads: TEXT, dtype: TEXT, 'by-group': FLAG },
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
  type NumberName = Exclude<keyof typeof OPTIONS, 'projector' | 'constant' | 'by-group'>;
  const number = (name: NumberName) => numberOption(name, values[name]);
  const numbers = Object.fromEntries(
    Object.entries({
      ...{ shuffles: number('shuffles'), ranked: number('ranked'), generated: number('generated') },
      ...{ maxTokens: number('max-tokens'), maxLength: number('max-length'), batch: number('batch') },
      seed: number('seed'),
    }).filter(([, v]) => v !== undefined),
  );
  const users = readUsers(readInput(usersFile), usersFile);
  const examples = readExamples(readInput(data), data, users);
  const readAll = (files: readonly string[]) => files.map((file) => readProjector(readInput(file), file));
  const [projectors, constants] = [readAll(values.projector), readAll(values.constant ?? [])];
  const hasPersonas = examples.every((e) => e.persona !== undefined);
  const conditions =
    values.conditions === undefined
      ? CONDITIONS.filter(
          (c) => (constants.length > 0 || c !== 'constant') && (hasPersonas || !c.includes('text')),
        )
      : values.conditions.split(',').map(checkCondition);
  const dtype = checkDtype(values.dtype ?? projectors[0]!.contract.model.dtype)!;
  const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: [dtype] });
  const named = [...values.projector, ...(values.constant ?? [])];
  for (const [i, { contract }] of [...projectors, ...constants].entries())
    await checkContract(contract, model, named[i]!);
  const show = createProgressLine();
  const report = await evaluateProjector({
    ...{ model, projectors, constants, users, examples, conditions, ...numbers },
    ...(values['by-group'] && { byGroup: true }),
    runtime: createNodeRuntime({ threads: number('threads') ?? 1 }),
    onProgress: (stage, done, all) => show({ stage, done, all }),
  });
  const markdown = reportMarkdown(report);
  try {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(join(out, 'report.md'), markdown);
    writeFileSync(join(out, 'report.html'), reportPage(report));
  } catch (cause) {
    throw new E2PError('storage-failed', `${out} could not be written: ${(cause as Error).message}`, {
      cause,
    });
  }
  console.log(markdown);
}

function checkCondition(text: string): Condition {
  const found = CONDITIONS.find((c) => c === text.trim());
  if (found !== undefined) return found;
  throw new E2PError(
    'invalid-argument',
    `--conditions names ${JSON.stringify(text)}, expected some of ${CONDITIONS.join(',')}`,
  );
}
