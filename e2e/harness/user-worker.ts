/** Sets embeddings 1, 2, 3 … one after the other, and says before and after each; or opens a vault. It is meant to be killed. */
import { openUser } from '../../src/user/open-user.ts';

/** Numbers of an embedding: enough that a write takes a while. */
const DIM = 4_096;

addEventListener('message', async ({ data: start }: MessageEvent<number | { readonly name: string }>) => {
  if (typeof start === 'object') {
    postMessage({ begun: 0 });
    await openUser({ policyVersion: '1', name: start.name });
    postMessage({ done: 0 });
    return;
  }
  const user = await openUser({ policyVersion: '1', name: 'killed' });
  for (let value = start; ; value++) {
    postMessage({ begun: value });
    await user.embedding.set({ space: 'killed-v1', values: new Float32Array(DIM).fill(value) });
    postMessage({ done: value });
  }
});
