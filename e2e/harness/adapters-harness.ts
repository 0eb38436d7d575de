/** The AI SDK and Transformers.js on a page, each beside the library's own engine, on the default model. */
import { env, pipeline, TextStreamer } from '@huggingface/transformers';
import { generateText, Output, streamText } from 'ai';
import { createE2P } from '../../src/ai-sdk/index.ts';
import { loadDefaultModel } from '../../src/generate/default-model.ts';
import { Personalizer } from '../../src/index.ts';
import { personalize } from '../../src/transformers/index.ts';

const greedy = { temperature: 0, maxRetries: 0 } as const;

async function aiSdk() {
  const { model: files, projector, readers, stories } = await loadDefaultModel();
  await using personalizer = await Personalizer.create({ model: files, projector, device: 'wasm' });
  const model = createE2P(personalizer);
  const prompt = stories[0]!;
  const answers = [];
  for (const { embedding } of readers.slice(0, 2)) {
    await personalizer.user.set(embedding);
    await using session = await personalizer.createSession();
    const own = await session.generate(prompt, { temperature: 0 });
    const { text, usage } = await generateText({ model, prompt, ...greedy });
    const pieces: string[] = [];
    for await (const piece of streamText({ model, prompt, ...greedy }).textStream) pieces.push(piece);
    answers.push({ own: own.text, text, pieces, tokens: [own.tokenIds.length, usage.outputTokens] });
  }
  const options = ['drone', 'football'];
  const { output } = await generateText({ model, prompt, ...greedy, output: Output.choice({ options }) });
  const controller = new AbortController();
  const aborted = streamText({ model, prompt, ...greedy, abortSignal: controller.signal });
  let seen = '';
  for await (const piece of aborted.textStream) {
    seen += piece;
    controller.abort();
  }
  return { answers, chosen: options.includes(output), seen, full: answers[1]!.text };
}

/** From a host of our own, with the onnxruntime that is installed. */
async function openPipeline(base: string, wasm: string, dtype: 'fp32' | 'q4', device: 'wasm' | 'webgpu') {
  Object.assign(env, { allowLocalModels: false, remoteHost: base, remotePathTemplate: '{model}/' });
  env.backends.onnx.wasm!.wasmPaths = wasm;
  return pipeline('text-generation', 'e2p-tiny', { dtype, device });
}

async function transformers(base: string, wasm: string, dtype: 'fp32' | 'q4', device: 'wasm' | 'webgpu') {
  const { projector, readers, stories } = await loadDefaultModel();
  const model = `${base}e2p-tiny/`;
  const content = stories[0]!;
  const plain = await openPipeline(base, wasm, dtype, device);
  const ask = async (generator: typeof plain) => {
    const ids: number[] = [];
    const streamer = new TextStreamer(generator.tokenizer, {
      ...{ skip_prompt: true, callback_function: () => {} },
      token_callback_function: (some: bigint[]) => ids.push(...some.map(Number)),
    });
    const messages = [{ role: 'user', content }];
    const options = { do_sample: false, max_new_tokens: 16, streamer };
    const [answer] = (await generator(messages, options)) as unknown as readonly {
      readonly generated_text: readonly { readonly content: string }[];
    }[];
    return { text: answer!.generated_text.at(-1)!.content, ids };
  };
  const before = await ask(plain);
  const generator = await personalize(plain, { model, projector });
  await using personalizer = await Personalizer.create({ model, projector, dtype, device: 'wasm' });
  const answers = [];
  for (const { embedding } of readers.slice(0, 2)) {
    await generator.user.set(embedding);
    await personalizer.user.set(embedding);
    await using session = await personalizer.createSession();
    const { text, tokenIds } = await session.generate(content, { temperature: 0, maxTokens: 16 });
    answers.push({ own: { text, ids: [...tokenIds] }, theirs: await ask(generator) });
  }
  await generator.user.clear();
  const after = await ask(generator);
  await generator.dispose();
  return { before, answers, after };
}

const adapters = { aiSdk, transformers };
export type AdaptersHarness = typeof adapters;
Object.assign(globalThis, { adapters });
