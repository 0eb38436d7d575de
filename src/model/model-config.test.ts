import { describe, expect, it } from 'vitest';
import { fromGenaiConfig, parseModelConfig } from './model-config.ts';

describe('the configuration of a model', () => {
  it.each([
    [{ model_type: 3 }, 'model_type is 3, expected text'],
    [{ num_attention_heads: '9' }, 'num_attention_heads is "9", expected a whole number'],
    [{ hidden_size: 1.5 }, 'hidden_size is 1.5, expected a whole number'],
    [{ head_dim: -1 }, 'head_dim is -1, expected a whole number'],
    [{ max_position_embeddings: Infinity }, 'max_position_embeddings is Infinity, expected a whole number'],
    [{ eos_token_id: '2' }, 'eos_token_id is "2", expected a token id or a list of them'],
    [{ eos_token_id: [2, '3'] }, 'eos_token_id is [2,"3"], expected a token id or a list of them'],
    [{ text_config: 5 }, 'text_config is 5, expected an object'],
    [{ text_config: [] }, 'text_config is [], expected an object'],
    [{ text_config: { n_head: {} } }, 'text_config.n_head is {}, expected a whole number'],
    [{ 'transformers.js_config': 'q4' }, 'transformers.js_config is "q4", expected an object'],
    [{ 'transformers.js_config': { dtype: 4 } }, 'transformers.js_config.dtype is 4, expected a precision'],
  ])('is refused with %j in config.json', (config, reason) => {
    const parse = () => parseModelConfig(config, {}, 'm');
    expect(parse).toThrow(`m: config.json field ${reason}`);
    expect(parse).toThrow(expect.objectContaining({ code: 'invalid-model' }));
  });

  it.each([
    [{ temperature: 'hot' }, 'temperature is "hot", expected a number'],
    [{ do_sample: 1 }, 'do_sample is 1, expected true or false'],
    [{ bos_token_id: [1] }, 'bos_token_id is [1], expected a whole number'],
    [{ top_k: 'x'.repeat(100) }, `top_k is "${'x'.repeat(59)}, expected a number`],
  ])('is refused with %j in generation_config.json', (generation, reason) => {
    expect(() => parseModelConfig({}, generation, 'm')).toThrow(`m: generation_config.json field ${reason}`);
  });

  it.each([
    [{ model: [] }, 'model is [], expected an object'],
    [{ model: { context_length: '4k' } }, 'model.context_length is "4k", expected a whole number'],
    [{ model: { decoder: { head_size: 0.5 } } }, 'model.decoder.head_size is 0.5, expected a whole number'],
    [{ search: { top_p: true } }, 'search.top_p is true, expected a number'],
  ])('is refused with %j in genai_config.json', (genai, reason) => {
    expect(() => fromGenaiConfig(genai, 'm')).toThrow(`m: genai_config.json field ${reason}`);
  });

  it('may leave everything out, say null, and hold numbers of Python that are not finite', () => {
    const nothing = parseModelConfig({}, {}, 'm');
    expect(nothing).toMatchObject({ type: 'unknown', contextLength: 2048, eosTokenIds: [] });
    const nulls = { model_type: null, text_config: null, eos_token_id: null, head_dim: null };
    const odd = { do_sample: null, temperature: null, top_k: Infinity, top_p: null, eos_token_id: null };
    expect(parseModelConfig({ ...nulls, 'transformers.js_config': null }, odd, 'm')).toEqual(nothing);
    const { config, generation } = fromGenaiConfig({ model: { decoder: null }, search: null }, 'm');
    expect(parseModelConfig(config, generation, 'm')).toEqual(nothing);
  });

  it('has the sizes of a text part, and the rest of the whole', () => {
    const text_config = { num_attention_heads: 4, hidden_size: 32, eos_token_id: [7, 8] };
    const config = { model_type: 'gemma3', bos_token_id: 2, hidden_size: 99, text_config, vision_config: {} };
    expect(parseModelConfig(config, { bos_token_id: null, eos_token_id: 9 }, 'm')).toMatchObject({
      ...{ type: 'gemma3', bosTokenId: 2, eosTokenIds: [9] },
      attention: { heads: 4, kvHeads: 4, headSize: 8 },
    });
  });
});
