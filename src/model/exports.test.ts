/** Every kind of export that docs/models.md lists still does what is said there; known by its structure, the weights are random. */
import { describe, expect, it } from 'vitest';
import { inspectGraph } from '../onnx/inspect/inspect-graph.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { usualForm } from '../onnx/usual-form.ts';
import { whyNotTrainable } from '../onnx/why-not-trainable.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { checkExport } from '../testing/exports/check-export.ts';
import { exportRows, structureFolder, structureModel } from '../testing/exports/structure.ts';
import type { ExportRow } from '../testing/exports/structure-folder.ts';
import { MUTATIONS } from '../testing/zoo/mutate.ts';
import { seeded } from '../testing/zoo/zoo-weights.ts';
import { loadBaseModel } from './base-model.ts';
import { parseModelConfig } from './model-config.ts';

const rows = exportRows();
const runtime = createNodeRuntime();

/** What is found, without names. */
function found(model: OnnxModel) {
  const { ids, head, cache, embedding, ...facts } = inspectGraph(usualForm(model, 'model.onnx'));
  return {
    ...{ hiddenSize: facts.hiddenSize, vocabularySize: facts.vocabularySize, columns: head.columns },
    ...{ ids: ids.type, scale: embedding.scale, embeddings: embedding.type, logits: head.type },
    cache: cache.map(({ past: _, present: __, ...tensor }) => tensor),
    inputs: [facts.attentionMask, facts.positionIds, facts.logitCount].map((i) => i && { ...i, name: '' }),
  };
}

// One of each architecture and an eighth of the others; with E2P_ALL_EXPORTS all, as `npm run make:exports` does.
const first = new Map(rows.toReversed().map((row) => [row.architecture, row]));
const tried = rows.filter(
  (row, i) => process.env.E2P_ALL_EXPORTS !== undefined || first.get(row.architecture) === row || i % 8 === 0,
);
it.each(tried)('$exporter of $architecture', async (row) => {
  const { generates, trains } = row;
  expect(await checkExport({ source: structureFolder(row), runtime })).toEqual({ generates, trains });
});

describe('another version of an exporter: other names, another order, Identity nodes, constants as nodes', () => {
  const generating = rows.filter(({ generates }) => generates === 'right');
  const { 'weights stored transposed': _, ...mutations } = MUTATIONS;
  const mutated = (row: Pick<ExportRow, 'file'>): OnnxModel => {
    const random = seeded(row.file);
    return Object.values(mutations).reduce((now, mutate) => mutate(now, random), structureModel(row));
  };

  it.each(generating)('$exporter of $architecture is found the same', (row) => {
    expect(found(mutated(row))).toEqual(found(structureModel(row)));
  });

  // The graph for training is made of the same findings: some of each exporter will do.
  it.each(generating.filter((_, i) => i % 6 === 0))('$exporter of $architecture trains as before', ({
    config,
    ...row
  }) => {
    const { attention } = parseModelConfig(config, {}, row.file);
    const changed = mutated(row);
    expect(whyNotTrainable(changed, attention) === undefined).toBe(row.trains === 'right');
  });
});

describe('a file without a precision in its name has the one of its weights', () => {
  it.each([
    ['genai-fp32', 'fp32'],
    ['genai-q4', 'q4'],
    ['genai-fp16-webgpu', 'fp16'],
    ['genai-q4f16-webgpu', 'q4f16'],
  ] as const)('%s is %s', async (exporter, dtype) => {
    const source = structureFolder(rows.find((r) => r.exporter === exporter && r.architecture === 'llama')!);
    expect((await loadBaseModel({ source, dtypes: [dtype] })).dtype).toBe(dtype);
    const other = loadBaseModel({ source, dtypes: ['q8'] });
    await expect(other).rejects.toThrow('no graph found, expected one of model_quantized.onnx');
  });
});
