/** The same projector through other files of the same LLM: other exporters, other precisions. Does it still say what it says through the first? */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrapMean, type Interval } from '../../../src/evaluate/index.ts';
import { loadBaseModel } from '../../../src/model/base-model.ts';
import { DTYPE_SUFFIX } from '../../../src/model/model-config.ts';
import type { Dtype } from '../../../src/node.ts';
import type { FileSource } from '../../../src/storage/file-source.ts';
import { createFolderSource } from '../../../src/storage/folder-source.ts';
import { nobody, softPrompt } from '../conditions.ts';
import { type Judged, judge } from '../measures.ts';
import { openAsker } from './answer-store.ts';
import { drawSubjects, openProjector, type Setting, share } from './setting.ts';

/** Another file, as `name=folder` or `name=folder:dtype`. */
export interface OtherExport {
  readonly name: string;
  readonly folder: string;
  readonly dtype: Dtype;
}

export interface ExportRow {
  readonly name: string;
  readonly dtype: string;
  readonly followed: Interval;
  readonly nobody: Interval;
  /** Share of answers, with the person's soft tokens, that are the first file's word by word. */
  readonly same: number;
  /** Share whose first five words are. */
  readonly sameStart: number;
}

export interface ExportsReport {
  readonly people: number;
  readonly rows: readonly ExportRow[];
}

const START_WORDS = 5;

export function parseExports(text: string): OtherExport[] {
  return text.split(',').map((part) => {
    const [, name, folder, dtype = 'fp32'] = /^([^=]+)=(.+?)(?::([a-z0-9]+))?$/.exec(part.trim()) ?? [];
    if (name === undefined || folder === undefined)
      throw new Error(`--models has ${part}, expected name=folder or name=folder:dtype`);
    return { name, folder, dtype: dtype as Dtype };
  });
}

/** One question each of some people, by the evaluation's own file first. */
export async function measureExports(
  setting: Setting,
  own: OtherExport,
  others: readonly OtherExport[],
  projector: string,
): Promise<ExportsReport> {
  const people = drawSubjects(setting, setting.sizes.elsewhere);
  const rows: ExportRow[] = [];
  let first: readonly string[] | undefined;
  for (const each of [own, ...others]) {
    const { soft, bare } = await answersBy(setting, each, projector, people);
    first ??= soft.map(({ text }) => text);
    const followed = (answers: readonly Judged[]) =>
      bootstrapMean(answers.map((answer) => Number(answer.followed)));
    const at = [...people.keys()];
    rows.push({
      ...{ name: each.name, dtype: each.dtype, followed: followed(soft), nobody: followed(bare) },
      same: share(at, (i) => soft[i]!.text === first![i]),
      sameStart: share(at, (i) => startOf(soft[i]!.text) === startOf(first![i]!)),
    });
    console.log(`${each.name}: followed ${rows.at(-1)!.followed.mean.toFixed(3)}`);
  }
  return { people: people.length, rows };
}

async function answersBy(
  { cache, runtime, sizes }: Setting,
  { folder, dtype }: OtherExport,
  projectorFile: string,
  people: ReturnType<typeof drawSubjects>,
): Promise<{ readonly soft: readonly Judged[]; readonly bare: readonly Judged[] }> {
  const model = await loadBaseModel({ source: sourceOf(folder, dtype), dtypes: [dtype] });
  const told = { model, projector: await openProjector(projectorFile, model, runtime) };
  const asker = await openAsker({ model, runtime, modelFolder: folder, cache });
  try {
    const judged = async (runs: Parameters<typeof asker.answers>[0]) =>
      (await asker.answers(runs, sizes.tokens)).map((text, i) => judge(people[i]!, text));
    return {
      soft: await judged(people.map((s) => softPrompt(told, s.questions[0]!, s.vectors))),
      bare: await judged(people.map((s) => nobody(model, s.questions[0]!))),
    };
  } finally {
    await asker.release();
  }
}

/** A folder as the Hub lays it out, or one of onnxruntime-genai's model builder, where the graph lies beside the tokenizer. */
function sourceOf(folder: string, dtype: Dtype): FileSource {
  const source = createFolderSource(folder);
  if (existsSync(join(folder, 'onnx'))) return source;
  const graph = `onnx/model${DTYPE_SUFFIX[dtype]}.onnx`;
  const inFolder = (path: string) => (path === graph ? 'model.onnx' : path.replace(/^onnx\//, ''));
  return {
    name: source.name,
    read: (path, options) => source.read(inFolder(path), options),
    open: (path, options) => source.open!(inFolder(path), options),
  };
}

const startOf = (text: string): string => text.split(/\s+/).slice(0, START_WORDS).join(' ');
