/** wllama in a page on a GGUF file that is served: llama.cpp in WASM, on one thread and the CPU. */
import { LoggerWithoutDebug, Wllama } from '@wllama/wllama';
import wasmUrl from '@wllama/wllama/esm/wasm/wllama.wasm?url';

let wllama: Wllama;

/** @param url of the file */
export async function openWllama(url: string): Promise<void> {
  wllama = new Wllama({ default: wasmUrl }, { logger: LoggerWithoutDebug });
  const file = await (await fetch(url)).blob();
  // With its flash attention (version 3.13.0, WASM) the capital of France is L'Étoile.
  await wllama.loadModel([file], { n_threads: 1, n_gpu_layers: 0, n_ctx: 2048, flash_attn: false });
}

/** As ours and theirs, but for the ids, which it does not tell: the text. */
export async function askWllama(content: string, maxTokens: number) {
  const began = performance.now();
  let first: number | undefined;
  let [text, pieces] = ['', 0];
  const chunks = await wllama.createChatCompletion({
    ...{ messages: [{ role: 'user', content }], max_tokens: maxTokens, temperature: 0, top_k: 1 },
    ...{ stream: true, cache_prompt: false },
  });
  for await (const chunk of chunks) {
    const piece = chunk.choices[0]?.delta.content ?? '';
    if (piece === '') continue;
    first ??= performance.now();
    pieces++;
    text += piece;
  }
  const ended = performance.now();
  const at = first ?? ended;
  const perToken = (ended - at) / Math.max(1, pieces - 1);
  return { first: at - began, perToken, total: ended - began, text, pieces };
}
