/** In a frame of its own, where onnxruntime begins anew and may say everything: two layers as the engine runs them, and what of them WebGPU leaves to the CPU. */
import { Decoder } from '../../src/generate/decoder.ts';
import { loadBaseModel } from '../../src/model/base-model.ts';
import { createWebRuntime, importWebGpu } from '../../src/runtime/web-runtime.ts';
import { nodesOnCpu } from './placement.ts';
import { randomModel } from './random-model.ts';
import type { PlacementFound } from './report.ts';

const LAYERS = 2;

async function place(): Promise<PlacementFound> {
  const lines: string[] = [];
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    console[level] = (...parts: unknown[]) => lines.push(parts.join(' '));
  const ort = await importWebGpu();
  ort.env.logLevel = 'verbose';
  const { create } = ort.InferenceSession;
  ort.InferenceSession.create = ((model: Uint8Array, options: object) =>
    create.call(
      ort.InferenceSession,
      model,
      Object.assign(options, { logSeverityLevel: 0, logVerbosityLevel: 1 } as const),
    )) as typeof create;
  const model = await loadBaseModel({ source: randomModel({ layers: LAYERS }), dtypes: ['q4'] });
  const { activationType, operators } = model.facts;
  const { attention } = model.config;
  const runtime = await createWebRuntime({ device: 'webgpu', activationType, operators, attention });
  const decoder = await Decoder.create(model, runtime);
  await decoder.release();
  return { layers: LAYERS, reason: decoder.reason, onCpu: nodesOnCpu(lines.join('\n')) };
}

parent.postMessage(await place().catch((error: unknown) => ({ error: String(error) })));
