/** The worker that loads: it has network and storage, and never learns anything of a person. What it read it hands over as files. */
import { E2PError } from '../error.ts';
import { endBringUp, keepFinding } from '../storage/device-notes.ts';
import { answerRequests, Handed } from './answer.ts';
import { loadEncoderFiles, loadFiles, loadProjectorFile } from './load-files.ts';

answerRequests(globalThis as unknown as DedicatedWorkerGlobalScope, async ({ op, params }, answering) => {
  if (op === 'loadEncoder') return loadEncoderFiles(params, answering);
  if (op === 'loadProjector') return loadProjectorFile(params, answering);
  if (op === 'keepFinding') return keepFinding(params.key, params.found);
  if (op === 'endBringUp') return endBringUp(params);
  if (op !== 'load') throw new E2PError('invalid-argument', 'the loader only loads');
  const loaded = await loadFiles(params, answering);
  return new Handed(loaded, Object.values(loaded.binaries));
});
