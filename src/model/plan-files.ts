/**
 * Which files a load will read and how long they are, told before they have come: by names, by the folder's listing, and by graphs that
 * are small enough to look into. It runs beside the load, which reads the same files, so that nothing is fetched twice. Where something
 * can't be told there is no plan, and no error: what fails here fails in the load too.
 */
import { operatorsOf } from '../onnx/inspect/inspect-graph.ts';
import { embeddingsInput } from '../onnx/join-embeddings.ts';
import { JSPI_CPU_LACKS } from '../runtime/operators.ts';
import { type FileSource, openFile, type ReadOptions, readJson } from '../storage/file-source.ts';
import type { FilePlan } from '../storage/total-progress.ts';
import { inOrder, readConfig } from './base-model.ts';
import { externalPaths, graphPaths, lookupPaths, readProto } from './graph-files.ts';
import { type Dtype, parseModelConfig } from './model-config.ts';

/** Bytes of a graph that is waited for, since it says which files are beside it; a larger one has its weights inside. */
const SMALL_GRAPH = 32 * 2 ** 20;

/** Of such a graph, what is looked at: its first nodes, among them the lookup. */
const HEAD_BYTES = 256 * 2 ** 10;

export interface ModelPlan {
  readonly files: FilePlan;
  /** By the name of the graph's file. */
  readonly dtype: Dtype;
  /** Those that decide about the runtime: of a large graph only what its first nodes are. */
  readonly operators: readonly string[];
}

/** @param wanted as for `loadBaseModel` */
export async function planModel(
  source: FileSource,
  wanted: readonly Dtype[],
  read: ReadOptions,
): Promise<ModelPlan | undefined> {
  const work = async () => {
    const plan = planning(source, read);
    const { config, generation } = await readConfig(source, read);
    const { chat_template: inline } = await readJson(source, 'tokenizer_config.json', read);
    if (!(await plan.text('config.json'))) await plan.text('genai_config.json');
    await plan.text('generation_config.json');
    await plan.text('tokenizer.json');
    await plan.text('tokenizer_config.json');
    const hasTemplate = (await plan.text('chat_template.jinja')) || inline !== undefined;
    if (!hasTemplate) await plan.text('chat_template.json');
    const order = inOrder(wanted, parseModelConfig(config, generation, source.name));
    for (const { dtype, path } of graphPaths(order.includes('fp32') ? order : [...order, 'fp32'])) {
      if (await plan.graph(path, dtype)) return { files: plan.files, dtype, operators: [...plan.operators] };
    }
    return undefined;
  };
  return work().catch(() => undefined);
}

export async function planFile(
  source: FileSource,
  path: string,
  read: ReadOptions,
): Promise<FilePlan | undefined> {
  const size = await source.size?.(path, read).catch(() => undefined);
  return typeof size === 'number' ? new Map([[path, size]]) : undefined;
}

/** A plan in the making. Each of its functions adds a file, if it is there, and says whether it is; they throw where nobody can tell. */
export function planning(source: FileSource, read: ReadOptions) {
  const files = new Map<string, number>();
  const operators = new Set<string>();
  const add = async (path: string): Promise<boolean> => {
    const size = await source.size?.(path, read);
    if (size === undefined || size === 'unknown') throw new Error(`nobody tells how long ${path} is`);
    if (size !== 'absent') files.set(path, size);
    return size !== 'absent';
  };
  const text = async (path: string): Promise<boolean> => {
    if (source.list !== undefined) return add(path);
    // Short, and about to be read anyway: no need to ask for its length.
    const bytes = await source.read(path, read);
    if (bytes !== undefined) files.set(path, bytes.length);
    return bytes !== undefined;
  };
  /** @param dtype of a decoder, whose lookup may have a file of its own */
  const graph = async (path: string, dtype?: Dtype): Promise<boolean> => {
    if (!(await add(path))) return false;
    const lookups = dtype === undefined ? [] : lookupPaths(path, dtype);
    let beside: readonly string[];
    let hasLookup: boolean;
    if (files.get(path)! > SMALL_GRAPH) {
      const listed = (await source.list?.()) ?? [];
      const head = await source.head?.(path, HEAD_BYTES, read).catch(() => undefined);
      const text = new TextDecoder('latin1').decode(head);
      for (const operator of Object.keys(JSPI_CPU_LACKS)) {
        if (text.includes(operator.split('.').at(-1)!)) operators.add(operator);
      }
      beside = listed.filter((p) => p.startsWith(`${path}_data`) || p.startsWith(`${path}.data`));
      // A decoder that an export calls so takes embeddings where there is a lookup beside it.
      hasLookup = path.includes('decoder_model') && lookups.some((lookup) => listed.includes(lookup));
    } else {
      const model = await readProto(source, path, (await openFile(source, path, read))!, read);
      for (const operator of operatorsOf(model.graph)) operators.add(operator);
      beside = externalPaths(model, path);
      hasLookup = dtype !== undefined && embeddingsInput(model) !== undefined;
    }
    for (const weights of beside) await add(weights);
    for (const lookup of hasLookup ? lookups : []) if (await graph(lookup)) break;
    return true;
  };
  return { files, operators, text, graph };
}
