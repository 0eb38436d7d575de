/** Transformers.js in Node on a folder's q4 file, one thread. */
import { basename, dirname } from 'node:path';
import { env, pipeline, TextStreamer } from '@huggingface/transformers';
import type { Peer } from './generate-sides.ts';

export async function openPeer(folder: string): Promise<Peer> {
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const session_options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const generator = await pipeline('text-generation', basename(folder), { dtype: 'q4', session_options });
  return { generator, TextStreamer };
}
