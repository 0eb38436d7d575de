/** Runs a code block of the documentation as it stands: what it takes for granted (`tools/docs/assumed.d.ts`) is global while it runs. */
import { openUser, Personalizer, weights } from '../../src/index.ts';

/** Files by name, each by its address on this page. */
async function assume(code: string, show: (...what: unknown[]) => void) {
  const get = async (path: string) => (await fetch(path)).blob();
  const bytes = async (path: string) => new Uint8Array(await (await get(path)).arrayBuffer());
  const paths = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];
  const files = [...paths, 'onnx/model_q4.onnx'].map(
    async (path) => [path, await get(`/models/my-model/${path}`)] as const,
  );
  const model = { name: 'my-model', files: Object.fromEntries(await Promise.all(files)) };
  const projector = await get('/projectors/podcasts.safetensors');
  const { values, stories, manifestSha256 } = await (await fetch('/assumed.json')).json();
  const embedding = Float32Array.from(values as number[]);
  // What it makes itself it does not take for granted.
  const needs = (name: string) => new RegExp(`\\b${name}\\b`).test(code) && !code.includes(`const ${name} =`);
  const personalizer =
    needs('personalizer') || needs('session') ? await Personalizer.create({ model, projector }) : undefined;
  await personalizer?.user.set({ space: 'podcasts-v3', values: embedding });
  const user = needs('user') ? await openUser({ policyVersion: '1', name: 'docs' }) : undefined;
  return {
    ...{ model, projector, personalizer, user, embedding, manifestSha256, show },
    session: await personalizer?.createSession(),
    items: Float32Array.from({ length: 300 * 32 }, (_, i) => Math.sin(i)),
    titles: ['The drone flies.', 'The drone falls.'],
    messages: [{ role: 'user', content: stories[0] }],
    usersBytes: await bytes('/users.jsonl'),
    dataBytes: await bytes('/train.jsonl'),
    url: (await weights.list())[0]?.url,
    signal: new AbortController().signal,
    onProgress: () => {},
    askForRoom: () => {},
  };
}

/** @returns what the block showed, and what its names are now, as texts */
async function runBlock(path: string, code: string): Promise<string[]> {
  const shown: string[] = [];
  const show = (...what: unknown[]) => void shown.push(what.join(' '));
  const assumed = await assume(code, show);
  Object.assign(globalThis, assumed);
  try {
    const block = await import(/* @vite-ignore */ path);
    for (const exported of Object.values(block)) await (exported as (see: typeof show) => unknown)(show);
  } finally {
    await assumed.personalizer?.destroy();
    await assumed.user?.close();
  }
  return shown;
}

const docs = { runBlock };
export type DocsHarness = typeof docs;
Object.assign(globalThis, { docs });
