/** Brings model, projector and device up from files that were handed over. Runs in the engine, and needs nothing from outside. */
import { E2PError, throwIfAborted } from '../error.ts';
import { Engine } from '../generate/engine.ts';
import { LocalPersonalizer } from '../generate/personalizer.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector, withAnchorRows } from '../projector/projector.ts';
import type { ProjectorFile } from '../projector/ready-projector.ts';
import type { Binaries } from '../runtime/device-choice.ts';
import type { Findings } from '../runtime/findings.ts';
import { createWasmRuntime, prepareFallback } from '../runtime/web-runtime.ts';
import { handedSource } from '../storage/handed-files.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import { readEncoder, startEncoder } from '../user/onnx-encoder.ts';
import type { OpenEncoder } from '../user/sentence-encoder.ts';
import { bringUpModel, type ModelOnDevice } from './bring-up-model.ts';
import type { EncoderFiles, LoadedFiles } from './load-files.ts';

export interface BringUpOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  /** What a test of the device has found. */
  readonly onFound: Findings['onFound'];
}

/** A personalizer, and the sentence encoder's files that were handed over with its last description. */
export interface Described {
  readonly personalizer: LocalPersonalizer;
  encoder: EncoderFiles | undefined;
}

export async function bringUp(
  loaded: LoadedFiles,
  { signal, onProgress, onFound }: BringUpOptions,
): Promise<{
  readonly first: Described;
  /** One more, on the model of `of`. */
  readonly add: (of: LocalPersonalizer, projector: ProjectorFile) => Promise<Described>;
}> {
  const { device, projector: given, binaries } = loaded;
  const projector = given && readProjector(given.bytes, given.name.slice(given.name.lastIndexOf('/') + 1));
  const findings = { known: loaded.findings, canReload: loaded.canReload, onFound };
  const onDevice = await bringUpModel(loaded, signal, () => onProgress({ stage: 'device' }), findings);
  const { model, runtime } = onDevice;
  if (projector !== undefined) await checkContract(projector.contract, model, runtime, given!.name);
  throwIfAborted(signal);
  onProgress({ stage: 'graph' });
  const fallback =
    runtime.device === 'webgpu' && device === 'auto'
      ? await prepareFallback(model.facts.operators, binaries)
      : undefined;
  const engine = await Engine.create({ model, runtime, fallback, findings, signal });
  const ready = projector && (await withAnchorRows(projector, model, runtime));
  const describing = async (make: (openEncoder: OpenEncoder) => Promise<LocalPersonalizer>) => {
    const openEncoder = openHanded(() => described.encoder, onDevice, binaries);
    const described: Described = { personalizer: await make(openEncoder), encoder: undefined };
    return described;
  };
  return {
    first: await describing(async (openEncoder) => new LocalPersonalizer(engine, ready, openEncoder)),
    add: (of, file) => describing((openEncoder) => of.share(file, openEncoder)),
  };
}

/**
 * An encoder of files that were handed over. It computes on the CPU, whose int8 kernels the files on the Hub are made for, in the bundle that
 * the model has there; for one description, since few are made and its memory is worth more.
 */
function openHanded(
  encoder: () => EncoderFiles | undefined,
  { model, runtime }: ModelOnDevice,
  binaries: Binaries,
): OpenEncoder {
  return async (wanted, signal) => {
    const handed = encoder();
    if (handed === undefined) throw new E2PError('invalid-argument', 'no sentence encoder was handed over');
    const { name, files } = handed;
    const { operators } = model.facts;
    const onCpu =
      runtime.backend === 'wasm'
        ? runtime
        : await createWasmRuntime('a sentence encoder', { operators, threads: false, binaries });
    const read = await readEncoder(handedSource(name, files), { signal });
    const started = await startEncoder(read, onCpu, wanted);
    return { name, encoder: started, done: () => started.release() };
  };
}
