/** One way of loading a model, in a process of its own, whose memory is then only that way's. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [way = '', folder = ''] = process.argv.slice(2);

const WAYS: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  /** `InferenceSession.create(bytes)` */
  bytes: async () => {
    const { InferenceSession } = await import('onnxruntime-node');
    return () =>
      InferenceSession.create(readFileSync(join(folder, 'onnx/model.onnx')), { intraOpNumThreads: 1 });
  },
  transformers: async () => {
    const { AutoModelForCausalLM, env } = await import('@huggingface/transformers');
    env.allowRemoteModels = false;
    env.localModelPath = dirname(folder);
    const options = { dtype: 'fp32', session_options: { intraOpNumThreads: 1 } } as const;
    return () => AutoModelForCausalLM.from_pretrained(basename(folder), options);
  },
  'e2p-web': async () => {
    const { createRuntime, loadModel } = await import('../src/node.ts');
    return async () => {
      const model = await loadModel({ model: folder, dtype: 'fp32' });
      return model.createSession(createRuntime());
    };
  },
};

const load = await WAYS[way]!();
const before = process.memoryUsage.rss();
const start = performance.now();
const held = await load();
const milliseconds = performance.now() - start;
const peak = process.resourceUsage().maxRSS * 1024 - before;
console.log(
  JSON.stringify({ peak, after: process.memoryUsage.rss() - before, milliseconds, held: typeof held }),
);
process.exit(0);
