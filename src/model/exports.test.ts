/** Every kind of export that docs/models.md lists still does what is said there; known by its structure, the weights are random. */
import { describe, expect, it } from 'vitest';
import { inspectGraph } from '../onnx/inspect/inspect-graph.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { usualForm } from '../onnx/usual-form.ts';
import { whyNotTrainable } from '../onnx/why-not-trainable.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { checkExport } from '../testing/exports/check-export.ts';
import { exportRows, structureFolder, structureModel } from '../testing/exports/structure.ts';
import { MUTATIONS } from '../testing/zoo/mutate.ts';
import { seeded } from '../testing/zoo/zoo-weights.ts';
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

it.each(rows)('$exporter of $architecture', async (row) => {
  const { generates, trains } = row;
  expect(await checkExport({ source: structureFolder(row), runtime })).toEqual({ generates, trains });
});

describe('another version of an exporter: other names, another order, Identity nodes, constants as nodes', () => {
  const generating = rows.filter(({ generates }) => generates === 'right');
  it.each(generating)('$exporter of $architecture is found the same', ({ config, ...row }) => {
    const model = structureModel(row);
    const random = seeded(row.file);
    const { 'weights stored transposed': _, ...mutations } = MUTATIONS;
    const changed = Object.values(mutations).reduce((now, mutate) => mutate(now, random), model);
    expect(found(changed)).toEqual(found(model));
    const { attention } = parseModelConfig(config, {}, row.file);
    expect(whyNotTrainable(changed, attention) === undefined).toBe(row.trains === 'right');
  });
});
