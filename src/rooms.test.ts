import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

// @ts-expect-error A script of plain JavaScript.
import { TYPED_ENTRIES } from '../scripts/build.mjs';

const src = fileURLToPath(new URL('.', import.meta.url));

/** From the top floor down; a file imports from its own room and from rooms below. */
const ROOMS =
  'ai-sdk transformers prompt-api cli worker evaluate train generate user projector model storage runtime onnx'.split(
    ' ',
  );
/** Entry points stand on top of the house and may see all of it. */
const floor = (file: string): number => {
  const [room = '', more] = file.split(sep);
  if (more === undefined) return room === 'error.ts' ? ROOMS.length : -1;
  return ROOMS.indexOf(room);
};

/**
 * What benchmarks and tools import besides the entries, and why. They are users of the library like any other; what no user needs is not
 * made public for them. Whatever is not imported any more leaves the list.
 */
const INTERNALS: Readonly<Record<string, string>> = {
  'cli/align.ts': 'the bound that a residual is refused above',
  'cli/commands.ts': 'commands, as the documentation has them',
  'cli/manifest.ts': 'a command, run in this process',
  'cli/train.ts': 'a command, run in this process',
  'evaluate/compare-arms.ts': 'its promises are tried on simulated experiments',
  'evaluate/decode-reports.ts': 'its promises are tried on simulated devices',
  'evaluate/distributions.ts': 'the exact mean of what simulated people tell',
  'evaluate/audit/attributes.ts': 'what is known of people, made up',
  'evaluate/audit/audit.ts': 'a command, with protections of its own',
  'evaluate/audit/invert.ts': 'a part of a command, timed apart',
  'evaluate/audit/membership.ts': 'a part of a command, on users of its own',
  'evaluate/audit/report.ts': 'tables as the command prints them',
  'evaluate/audit/views.ts': 'what the parts of a command look at',
  'evaluate/drift/canary.ts': 'a part of a command, for what it says of a swap',
  'evaluate/drift/detect-drift.ts': 'a command, hundreds of times in this process',
  'evaluate/interval-plot.ts': 'plots an ablation as the report does',
  'evaluate/score-rows.ts': 'what beam search is compared with',
  'generate/constraint/open-constraint.ts': 'times the making of a constraint alone',
  'generate/decoder.ts': 'many answers in one batch, and passes timed alone',
  'generate/engine.ts': 'a device that is lost on purpose, and the one that goes on',
  'generate/generate-text.ts': 'many short answers, without a session each',
  'generate/kv-cache.ts': 'bytes of a cache, as measured',
  'generate/personalizer.ts': 'a device that is lost on purpose, and the one that goes on',
  'generate/prompt.ts': 'token ids with their soft tokens, for passes of our own',
  'generate/sampling.ts': 'the choice of a token, for passes of our own',
  'model/base-model.ts': 'models of made-up sources, and in a page without a worker',
  'model/convert-weights.ts': 'the same int8 weights for another library',
  'model/graph-files.ts': 'structures of exports are stored from their files',
  'model/hub.ts': 'downloads a folder that Python reads too',
  'model/int8-file.ts': 'kinds of weights in one graph, as prompts in Node have them',
  'model/model-config.ts': 'names of files by precision',
  'model/text-codec.ts': 'the default model is trained before it is a folder',
  'model/weight-bytes.ts': 'structures of exports are stored from their files',
  'onnx/builder.ts': 'the default model is built and exported by it',
  'onnx/gradient/differentiate.ts': 'the default model is trained by it',
  'onnx/inspect/inspect-graph.ts': 'a part of loading, timed alone',
  'onnx/int8-weights.ts': 'the same int8 weights for another library',
  'onnx/new-rows.ts': 'graphs of other weights than a load makes',
  'onnx/norms-outside.ts': 'graphs of other weights than a load makes',
  'onnx/onnx-file.ts': 'the default model, and random models, are written by it',
  'onnx/onnx-model.ts': 'the default model is built of it',
  'onnx/personalise-graph.ts': 'a part of loading, timed alone',
  'onnx/training-graph.ts': 'gradients are compared between devices',
  'projector/anchors.ts': 'the words that soft tokens are chosen among, without a session',
  'projector/check-contract.ts': 'soft tokens of an embedding, without a session',
  'projector/projector.ts': 'soft tokens of an embedding, without a session',
  'projector/safetensors.ts': 'item factors that the command of the documentation takes',
  'projector/model-fingerprint.ts': 'a projector that the code of the documentation takes',
  'projector/weigh-by-question.ts': 'ways to make an embedding, without a session',
  'runtime/runtime.ts': 'tensors of passes of our own',
  'runtime/web-runtime.ts': 'a GPU measured in a page, without a worker',
  'storage/file-source.ts': 'models of made-up sources',
  'storage/folder-source.ts': 'exports in layouts that the library does not read',
  'storage/url-source.ts': 'downloads a folder that Python reads too',
  'storage/weight-store.ts': 'downloads a folder that Python reads too',
  'train/adapt-embedding.ts': 'many learnings on graphs that are made once',
  'train/alignment.ts': 'a reference model, aligned without running the LLM',
  'train/cluster-means.ts': 'ways to make an embedding, without a session',
  'train/default-slot.ts': 'the places that `e2p train` takes',
  'train/draw-batches.ts': 'the parameters that a training starts with',
  'train/erase-attribute.ts': 'what an erasure leaves, without a training',
  'train/feedback-loss.ts': 'texts are looked at as feedback is',
  'train/fit-space-map.ts': 'the anchors that a map was not fitted on',
  'train/hide-attribute.ts': 'what an erasure leaves, without a training',
  'train/parameters.ts': 'the parameters that a training starts with',
  'train/prepare-alignment.ts': 'texts are looked at as the alignment does',
  'train/projector-graph.ts': 'texts are looked at as the alignment does',
  'train/projector-session.ts': 'texts are looked at as the alignment does',
  'train/ready-graphs.ts': 'many learnings on graphs that are made once',
  'train/read-residual.ts': 'what the command refuses by, beside what a map loses',
  'train/reference-of-users.ts': 'how people lie in the space of the default model, without a training',
  'train/row-runner.ts': 'beam search over rows',
  'train/standardise.ts': 'what an erasure leaves, without a training',
  'train/training-model.ts': 'gradients are compared between devices',
  'user/aggregates.ts': 'limits of what simulated devices answer',
  'user/assign-arm.ts': 'arms of many made-up people',
  'user/drift-question.ts': 'what simulated devices answer',
  'user/feedback-row.ts': 'texts are looked at as feedback is',
  'user/fuse-embeddings.ts': 'ways to make an embedding, without a session',
  'user/gaussian-mechanism.ts': 'protections of an embedding, without a vault',
  'user/randomised-response.ts': 'what simulated devices answer by',
  'user/user-fit.ts': 'levels of many embeddings, without a session each',
  'user/sentence-encoder.ts': 'an encoder is checked as `describe` does',
};

describe('the rooms', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
    (f) => f.endsWith('.ts') && !f.endsWith('.test.ts') && !f.startsWith('testing'),
  );

  it('imports run one way, downwards', () => {
    const upwards = files.flatMap((file) => {
      const text = readFileSync(join(src, file), 'utf8');
      const imports = [...text.matchAll(/(?:from|import\() ?'(\.{1,2}\/[^']+)'/g)].map((m) => m[1]!);
      return (
        imports
          .map((path) => normalize(join(dirname(file), path)))
          // What is built (`sealed/`) has no room.
          .filter((target) => !target.startsWith('..') && floor(target) < floor(file))
          .map((target) => `${file} imports ${target}`)
      );
    });
    // The command line is a user of the Node entry point.
    expect(upwards.toSorted()).toEqual(
      ['answer-everyone.ts', 'generate.ts'].map((file) => `cli${sep}${file} imports node.ts`),
    );
  });

  it('every room is known', () => {
    const rooms = new Set(files.filter((f) => f.includes(sep)).map((f) => f.split(sep)[0]!));
    expect([...rooms].filter((room) => !ROOMS.includes(room))).toEqual([]);
  });

  it('benchmarks and tools use the entries, and of the inside what is listed', () => {
    const root = dirname(src);
    const sources = ['bench', 'tools'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(join(root, folder, file), 'utf8')),
    );
    const imported = sources.flatMap((text) =>
      [...text.matchAll(/(?:from|import\() ?'(?:\.\.\/)+src\/([^']+)'/g)].map(([, path]) => path!),
    );
    const entries = Object.values<string>(TYPED_ENTRIES).map((path) => path.replace('src/', ''));
    const inside = [...new Set(imported)].filter(
      (path) => !entries.includes(path) && !path.startsWith('testing/'),
    );
    expect(inside.toSorted()).toEqual(Object.keys(INTERNALS).toSorted());
  });
});
