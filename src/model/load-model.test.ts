/** Base models in the layouts that the Hub has, from a folder and from a server that plays the Hub. */
import { describe, expect, it } from 'vitest';
import { Decoder } from '../generate/decoder.ts';
import { buildInput, buildPrompt } from '../generate/prompt.ts';
import { Personalizer } from '../node.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { withUrlFolder } from '../storage/url-source.ts';
import { createMemoryStore } from '../storage/weight-store.ts';
import { commitOf, startHubServer } from '../testing/hub-server.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { type Files, sourceOf, spread, TEMPLATE, zooFolder } from '../testing/zoo/zoo-folder.ts';
import type { ZooStyle } from '../testing/zoo/zoo-style.ts';
import { type BaseModel, loadBaseModel } from './base-model.ts';
import { hubUrl, isHubId } from './hub.ts';
import type { Dtype } from './model-config.ts';

const style: ZooStyle = { name: 'genai' };
const runtime = createNodeRuntime();
const load = (files: Files, dtypes: readonly Dtype[] = ['fp32']) =>
  loadBaseModel({ source: sourceOf(files), dtypes });

async function logitsOf(model: BaseModel): Promise<Float32Array> {
  const decoder = await Decoder.create(model, runtime);
  const { cache, logits } = await decoder.read(
    decoder.emptyCache(),
    buildPrompt(model, [{ role: 'user', content: 'hello' }]),
  );
  cache.release();
  await decoder.release();
  return logits;
}

describe('a model folder', () => {
  it.each(ZOO.filter((s) => s.float === undefined))('$name: from files to logits', async (each) => {
    const logits = await logitsOf(await load(zooFolder(each)));
    expect(logits.every(Number.isFinite)).toBe(true);
    expect(new Set(logits).size).toBeGreaterThan(10);
  });

  it('has JSON as Python writes it: with a byte order mark, Infinity and NaN, and texts that say so', async () => {
    const files = new Map(zooFolder(style));
    const config = new TextDecoder().decode(files.get('config.json'));
    const odd = '"limit":[0,Infinity],"low":-Infinity,"none":NaN,"note":"NaN \\" Infinity",';
    files.set('config.json', new TextEncoder().encode(`\uFEFF${config.replace('{', `{${odd}`)}`));
    expect((await load(files, ['fp32'])).config.contextLength).toBe(24);
  });

  it.each([
    ['config.json', 'invalid-model'],
    ['tokenizer.json', 'invalid-tokenizer'],
    ['onnx/model.onnx', 'invalid-onnx'],
  ])('says that %s is a pointer of Git LFS', async (path, code) => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n';
    const files = new Map(zooFolder(style)).set(path, new TextEncoder().encode(pointer));
    await expect(load(files, ['fp32'])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/found a Git LFS pointer in place of the file/),
    });
  });

  it('a prompt of more tokens than a call takes arguments is only too long', async () => {
    const model = await load(zooFolder(style), ['fp32']);
    const content = 'ab'.repeat(100_000);
    expect(buildPrompt(model, [{ role: 'user', content }]).ids.length).toBeGreaterThan(200_000);
  });

  it('ends where the configuration says so, of a text part too, else where the tokenizer does', async () => {
    const ends = async (config: Readonly<Record<string, unknown>>) =>
      (await load(zooFolder(style, { config }), ['fp32'])).config.eosTokenIds;
    expect(await ends({ eos_token_id: [2, 5] })).toEqual([2, 5]);
    expect(await ends({ eos_token_id: undefined, text_config: { eos_token_id: 7 } })).toEqual([7]);
    expect(await ends({ eos_token_id: null })).toEqual([2]);
  });

  it('has the configuration of onnxruntime-genai, where there is no other', async () => {
    const files = new Map(zooFolder(style, { graph: 'model.onnx' }));
    files.delete('config.json');
    await expect(load(files, ['fp32'])).rejects.toThrow('the file config.json is missing');
    const decoder = { head_size: 16, hidden_size: 32, num_attention_heads: 2, num_key_value_heads: 1 };
    const search = { do_sample: true, temperature: 0.6, top_k: 5, top_p: 0.9, min_p: 0.1 };
    const model = { type: 'llama', bos_token_id: 1, eos_token_id: [2, 3], context_length: 20, decoder };
    files.set('genai_config.json', new TextEncoder().encode(JSON.stringify({ model, search })));
    expect((await load(files, ['fp32'])).config).toEqual({
      type: 'llama',
      contextLength: 20,
      attention: { heads: 2, kvHeads: 1, headSize: 16 },
      bosTokenId: 1,
      eosTokenIds: [2, 3],
      sampling: { temperature: 0.6, topK: 5, topP: 0.9, minP: 0.1, repetitionPenalty: 1 },
    });
  });

  it('lies in the root too, as the genai builder leaves it', async () => {
    expect((await load(zooFolder(style, { graph: 'model.onnx' }), ['q4', 'fp32'])).dtype).toBe('fp32');
  });

  it('takes the first of the wanted variants that is there', async () => {
    const files = zooFolder(style, { graph: 'onnx/model_q4.onnx' });
    expect((await load(files, ['q4f16', 'q4', 'fp32'])).dtype).toBe('q4');
    await expect(load(files, ['fp32'])).rejects.toThrow('no graph found, expected one of model.onnx');
  });

  it.each([
    ['fp32', 'fp32'],
    [{ model: 'fp32' }, 'fp32'],
    // Not among those that the device can take, or not a variant at all: as if nothing were said.
    ['fp16', 'q4'],
    ['q1', 'q4'],
  ])('takes the variant that config.json asks for first: %j', async (dtype, expected) => {
    const config = { 'transformers.js_config': { dtype } };
    const files = new Map(zooFolder(style, { graph: 'onnx/model_q4.onnx', config }));
    for (const name of ['model', 'model_fp16'])
      files.set(`onnx/${name}.onnx`, files.get('onnx/model_q4.onnx')!);
    expect((await load(files, ['q4', 'fp32'])).dtype).toBe(expected);
  });

  it('joins a decoder that takes embeddings with its embed_tokens.onnx, whatever the decoder file is called', async () => {
    const whole = await logitsOf(await load(zooFolder({ ...style, scale: 2.5 })));
    const files = new Map(zooFolder(style));
    files.delete('onnx/model.onnx');
    files.set('onnx/decoder_model_merged.onnx', writeOnnx(buildZoo({ ...style, embedding: 'input' }).model));
    await expect(load(files)).rejects.toThrow('expected the lookup beside it: onnx/embed_tokens.onnx');
    files.set('onnx/embed_tokens.onnx', writeOnnx(buildZoo({ ...style, scale: 2.5 }, 'lookup').model));
    expect(await logitsOf(await load(files))).toEqual(whole);
  });

  it('reads weights from several files beside the graph', async () => {
    const files = new Map(zooFolder(style));
    const { model } = buildZoo(style);
    const [graph, ...parts] = spread(model, 2);
    files.set('onnx/model.onnx', writeOnnx(graph));
    for (const [i, part] of parts.entries()) files.set(`onnx/model.onnx_data${i === 0 ? '' : `_${i}`}`, part);
    expect(await logitsOf(await load(files))).toEqual(await logitsOf(await load(zooFolder(style))));
    files.delete('onnx/model.onnx_data_1');
    await expect(load(files)).rejects.toThrow('the file onnx/model.onnx_data_1 is missing');
  });

  it('finds weights whose place is written with a dot in front', async () => {
    const { model } = buildZoo(style);
    const [graph, ...parts] = spread(model, 1, () => './model.onnx_data');
    const files = new Map([...zooFolder(style), ['onnx/model.onnx', writeOnnx(graph)] as const]);
    files.set('onnx/model.onnx_data', parts[0]!);
    expect(await logitsOf(await load(files))).toEqual(await logitsOf(await load(zooFolder(style))));
  });

  it('refuses weights that lie outside of the folder', async () => {
    const { model } = buildZoo(style);
    for (const location of ['../secret', '/etc/passwd', 'https://example.org/w', 'a/../../b']) {
      const [graph] = spread(model, 1, () => location);
      const files = new Map([...zooFolder(style), ['onnx/model.onnx', writeOnnx(graph)] as const]);
      await expect(load(files)).rejects.toMatchObject({ code: 'invalid-onnx' });
    }
  });
});

describe('a Hub id', () => {
  it('is owner/name; everything else is a path or URL', () => {
    expect(['HuggingFaceTB/SmolLM2-135M-Instruct', 'a/b.c'].map(isHubId)).toEqual([true, true]);
    expect(['/a/b', './a/b', 'a/b/c', 'https://x/y', 'models'].some(isHubId)).toBe(false);
    expect(hubUrl('a/b')).toBe('https://huggingface.co/a/b/resolve/main/');
    expect(
      hubUrl('a/b', {
        host: 'https://mirror.example/',
        template: '/m/{model}/{revision}',
        revision: 'refs/pr/1',
      }),
    ).toBe('https://mirror.example/m/a/b/refs%2Fpr%2F1/');
  });

  it('is loaded from the revision asked for, through redirects, and nothing else is asked for', async () => {
    const files = zooFolder(style, { graph: 'onnx/model_q4.onnx' });
    await using hub = await startHubServer({ repositories: new Map([['zoo/genai/v2', files]]) });
    const options = { model: 'zoo/genai', hub: { host: hub.url, revision: 'v2' } };
    await using personalizer = await Personalizer.create(options);
    const session = await personalizer.createSession();
    expect((await session.generate('hello', { maxTokens: 3 })).tokenIds.length).toBeGreaterThan(0);
    const [first, ...rest] = hub.requests;
    expect(first).toBe('GET /api/models/zoo/genai/revision/v2');
    // The commit, so that a branch which moves on meanwhile does no harm.
    const commit = commitOf('zoo/genai/v2');
    expect(rest.every((r) => r.replace('/store', '').startsWith(`GET /zoo/genai/resolve/${commit}/`))).toBe(
      true,
    );
    expect(rest).toContain(`GET /store/zoo/genai/resolve/${commit}/onnx/model_q4.onnx`);
    await expect(Personalizer.create({ ...options, hub: { host: hub.url } })).rejects.toMatchObject({
      code: 'invalid-model',
      message: expect.stringMatching(/the file \w+\.json is missing/),
    });
  });

  it.each([
    ['a server error', 500, 'answered 500'],
    ['a gated repository', 401, 'answered 401'],
    ['too many requests', 429, 'answered 429'],
  ])('%s is a network error that names the file and the status', async (_, status, message) => {
    await using hub = await startHubServer({
      repositories: new Map([['zoo/genai/main', zooFolder(style)]]),
      intercept: (path, _request, response) => {
        if (!path.endsWith('tokenizer.json')) return false;
        response.writeHead(status).end();
        return true;
      },
    });
    const url = hubUrl('zoo/genai', { host: hub.url });
    const creating = withUrlFolder(
      { url, store: createMemoryStore(), network: { sleep: async () => {} } },
      (source) => loadBaseModel({ source, dtypes: ['fp32'] }),
    );
    await expect(creating).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining(message),
    });
    await expect(creating).rejects.toThrow('tokenizer.json');
  });

  it('a download that breaks off is a network error, not a damaged model', async () => {
    await using hub = await startHubServer({
      repositories: new Map([['zoo/genai/main', zooFolder(style)]]),
      intercept: (path, _request, response) => {
        if (!path.startsWith('/store/')) return false;
        response.writeHead(200, { 'content-length': zooFolder(style).get('onnx/model.onnx')!.length });
        response.write(new Uint8Array(1000), () => response.destroy());
        return true;
      },
    });
    const url = hubUrl('zoo/genai', { host: hub.url });
    const network = { sleep: async () => {} };
    const creating = withUrlFolder({ url, store: createMemoryStore(), network }, (source) =>
      loadBaseModel({ source, dtypes: ['fp32'] }),
    );
    await expect(creating).rejects.toMatchObject({ code: 'network' });
  });
});

describe('chat templates and slots', () => {
  const vector = (value: number) => new Float32Array(32).fill(value);
  const soft = (slot: 'after-bos' | { placeholder: string }, ...values: number[]) => ({
    slot,
    vectors: values.map(vector),
  });
  const hi = [{ role: 'user', content: 'hi' }] as const;
  const [S, U, A] = [1, 3, 4];
  const [h, i] = [15, 16];

  it.each([
    ['BOS from the template', {}],
    ['BOS from template and tokenizer, which must not double it', { addsBos: true }],
  ])('%s: the soft token stands behind it, before everything else', async (_, options) => {
    const model = await load(zooFolder(style, options));
    expect(buildPrompt(model, hi).ids).toEqual([S, U, h, i, A]);
    const { ids, soft: placed } = buildPrompt(model, hi, soft('after-bos', 7, 8));
    expect(ids.filter((_id, at) => !placed!.has(at))).toEqual([S, U, h, i, A]);
    expect([...placed!].map(([at, v]) => [at, v[0]])).toEqual([
      [1, 7],
      [2, 8],
    ]);
  });

  it('a template without BOS gets none, as with Transformers; the soft token comes first', async () => {
    const template = TEMPLATE.replace('{{ bos_token }}', '');
    const model = await load(zooFolder(style, { template, addsBos: true }));
    expect(buildPrompt(model, hi).ids).toEqual([U, h, i, A]);
    expect([...buildPrompt(model, hi, soft('after-bos', 7)).soft!.keys()]).toEqual([0]);
  });

  it('placeholders in a message: any number of slots, K vectors each; none is left in the tokens', async () => {
    const model = await load(zooFolder(style));
    const placeholder = '<|user_embedding|>';
    const messages = [{ role: 'user', content: `${placeholder}hi${placeholder}` }] as const;
    const { ids, soft: placed } = buildPrompt(model, messages, soft({ placeholder }, 7, 8));
    expect([...placed!.keys()]).toEqual([2, 3, 6, 7]);
    expect(ids.filter((_id, at) => !placed!.has(at))).toEqual([S, U, h, i, A]);
    expect(ids).not.toContain(6);
    // Nobody is set: the slot closes, nothing of it is read by the model.
    expect(buildPrompt(model, messages, soft({ placeholder })).ids).toEqual([S, U, h, i, A]);
    expect(() => buildPrompt(model, hi, soft({ placeholder }, 7))).toThrow('has no <|user_embedding|>');
  });

  it('a template without a system role refuses a system message with its own words', async () => {
    const template = `{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${TEMPLATE}`;
    const model = await load(zooFolder(style, { template }));
    expect(buildPrompt(model, hi).ids).toEqual([S, U, h, i, A]);
    expect(() => buildPrompt(model, [{ role: 'system', content: 'x' }, ...hi])).toThrow(
      /the chat template refuses messages of system, user: System role not supported/,
    );
  });

  it('a template that wants its messages in parts gets them', async () => {
    const template =
      "{% for m in messages %}{{ '<|' + m.role + '|>' }}{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }}{% endif %}{% endfor %}{% endfor %}<|assistant|>";
    const model = await load(zooFolder(style, { template }), ['fp32']);
    // And no BOS where the template puts none.
    expect(buildPrompt(model, hi).ids).toEqual([U, h, i, A]);
  });

  it.each([
    [
      'a filter that the engine lacks',
      '{{ messages[0].content | wordwrap }}',
      /Unknown StringValue filter: wordwrap/,
    ],
    ['nothing of what is said', '{{ bos_token }}', /it leaves out what a user says/],
  ])('a template with %s is refused with the reason, and nothing is completed in its place', async (_, template, why) => {
    const model = await load(zooFolder(style, { template }), ['fp32']);
    expect(() => buildInput(model, hi)).toThrow(expect.objectContaining({ code: 'invalid-tokenizer' }));
    expect(() => buildInput(model, hi)).toThrow(why);
  });

  it("templates: the file of its own goes first, then the tokenizer's, then the old file; a list needs a default", async () => {
    const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
    const files = new Map(zooFolder(style));
    const config = JSON.parse(new TextDecoder().decode(files.get('tokenizer_config.json')));
    const text = async () => (await load(files, ['fp32'])).codec.renderChat(hi);
    files.set('tokenizer_config.json', json({ ...config, chat_template: null }));
    expect((await load(files, ['fp32'])).codec.hasTemplate).toBe(false);
    files.set('chat_template.json', json({ chat_template: 'old {{ messages[0].content }}' }));
    expect(await text()).toBe('old hi');
    files.set(
      'tokenizer_config.json',
      json({ ...config, chat_template: [{ name: 'default', template: 'own {{ messages[0].content }}' }] }),
    );
    expect(await text()).toBe('own hi');
    files.set('chat_template.jinja', new TextEncoder().encode('new {{ messages[0].content }}'));
    expect(await text()).toBe('new hi');
    files.delete('chat_template.jinja');
    files.set('tokenizer_config.json', json({ ...config, chat_template: [{ name: 'rag', template: 'x' }] }));
    await expect(text()).rejects.toThrow(
      /chat_template is templates named rag, expected a text, or a list with one named default/,
    );
  });

  it('what a template raises of the conversation itself is in no message, nor in its cause', async () => {
    const template = `{# MARZIPAN #}{{ raise_exception(messages[-1]['content'] | upper) if messages[-1]['content'] == 'marzipan' else raise_exception(messages[-1]['content']) }}`;
    const model = await load(zooFolder(style, { template }));
    for (const content of ['marzipan', 'sugar', 'raise_exception']) {
      let error: unknown;
      try {
        buildPrompt(model, [{ role: 'user', content }]);
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ code: 'invalid-tokenizer' });
      expect(`${(error as Error).message} ${(error as Error).cause}`.toLowerCase()).not.toContain(content);
    }
  });
});
