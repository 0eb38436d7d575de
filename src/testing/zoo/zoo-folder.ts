/** For tests only: a zoo model as a Hub folder, with a config and a tokenizer of single letters. */
import { writeOnnx } from '../../onnx/onnx-file.ts';
import type { OnnxModel } from '../../onnx/onnx-model.ts';
import type { FileSource } from '../../storage/file-source.ts';
import { buildZoo } from './zoo-decoder.ts';
import { H, V, type ZooStyle } from './zoo-style.ts';

export type Files = ReadonlyMap<string, Uint8Array>;

/** Right for most models: BOS from the template, turns marked, an opening for the answer. */
export const TEMPLATE =
  "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

const SPECIAL = ['<unk>', '<s>', '</s>', '<|user|>', '<|assistant|>', '<|system|>', '<|user_embedding|>'];
const LETTERS = ['Ġ', ...'abcdefghijklmnopqrstuvwxyz', '.', ','];
export const VOCABULARY = [...SPECIAL, ...LETTERS];

export interface ZooFolderOptions {
  readonly template?: string;
  /** Path of the graph. */
  readonly graph?: string;
  /** Whether the tokenizer itself puts BOS before a text. */
  readonly addsBos?: boolean;
  readonly config?: Readonly<Record<string, unknown>>;
}

export function zooFolder(style: ZooStyle, options: ZooFolderOptions = {}): Files {
  const { template = TEMPLATE, graph = 'onnx/model.onnx', addsBos = false, config = {} } = options;
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return new Map([
    [
      'config.json',
      json({
        model_type: 'zoo',
        hidden_size: H,
        num_attention_heads: 2,
        vocab_size: V,
        max_position_embeddings: 24,
        bos_token_id: 1,
        eos_token_id: 2,
        ...config,
      }),
    ],
    ...letterTokenizer({ template, addsBos }),
    [graph, writeOnnx(buildZoo(style).model)],
  ]);
}

/** The files of a tokenizer of single letters; with `size`, its first tokens alone. */
export function letterTokenizer({
  template = TEMPLATE,
  addsBos = false,
  size = VOCABULARY.length,
}: Pick<ZooFolderOptions, 'template' | 'addsBos'> & { readonly size?: number }): [string, Uint8Array][] {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    ...{ bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', chat_template: template },
  };
  return [
    ['tokenizer.json', json(tokenizer(addsBos, size))],
    ['tokenizer_config.json', json(config)],
  ];
}

function tokenizer(addsBos: boolean, size: number) {
  const token = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const text = { Sequence: { id: 'A', type_id: 0 } };
  return {
    version: '1.0',
    added_tokens: SPECIAL.map((content, id) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    post_processor: addsBos
      ? {
          type: 'TemplateProcessing',
          single: [token('<s>'), text],
          pair: [token('<s>'), text],
          special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
        }
      : null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      vocab: Object.fromEntries(VOCABULARY.slice(0, size).map((content, id) => [content, id])),
      merges: [],
    },
  };
}

export function sourceOf(files: Files, name = 'zoo'): FileSource {
  return { name, read: async (path) => files.get(path) };
}

/** The model with its weights in `count` other buffers, padded so that offsets matter. */
export function spread(
  { graph, ...rest }: OnnxModel,
  count: number,
  nameOf = (i: number) => `model.onnx_data${i === 0 ? '' : `_${i}`}`,
): [OnnxModel, ...Uint8Array[]] {
  const parts = Array.from({ length: count }, () => [] as number[]);
  const initializers = graph.initializers.map(({ rawData, ...tensor }, i) => {
    if (rawData === undefined || rawData.length < 500) return { ...tensor, ...(rawData && { rawData }) };
    const part = parts[i % count]!;
    part.push(...new Array(64).fill(255));
    const entries = { location: nameOf(i % count), offset: part.length, length: rawData.length };
    part.push(...rawData);
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value: String(value) }));
    return { ...tensor, dataLocation: 1, externalData };
  });
  return [{ ...rest, graph: { ...graph, initializers } }, ...parts.map((part) => Uint8Array.from(part))];
}
