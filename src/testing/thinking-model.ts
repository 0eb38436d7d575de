/**
 * The default model as one that thinks: two tokens that it writes anyway get the names of the marks around a thought, as a reasoning model's
 * tokenizer has them. Weights and graph stay its own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelFiles } from '../storage/handed-files.ts';

/** What it writes of {@link STORY}: "The" becomes the opening mark, " for" the closing one. */
export const STORY = 'Story: pocket drone, Quillon, Rook, calmer nerves';
export const THOUGHT = 'pocket drone by Quillon is a remedy';
export const ANSWER = 'calmer nerves, as duly noted';

const MARKS = { The: '<think>', Ġfor: '</think>' } as const;

const opensWith = (generation: string, history = '') =>
  `{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' }}${history}{{ message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>${generation}{% endif %}`;

export const TEMPLATES = {
  /** As Qwen3's: the model thinks unless it is told not to. */
  switched: opensWith(
    '{% if enable_thinking is defined and enable_thinking is false %}{{ "<think>\\n\\n</think>\\n\\n" }}{% endif %}',
  ),
  /** As DeepSeek-R1's: the template has begun the thought. */
  opened: opensWith('{{ "<think>\\n" }}'),
  /** Earlier thoughts stay in the conversation. */
  keeping: opensWith(
    '',
    '{% if message.reasoning_content %}<think>{{ message.reasoning_content }}</think>{% endif %}',
  ),
} as const;

export async function thinkingModel(
  { name, files }: ModelFiles,
  template: keyof typeof TEMPLATES,
): Promise<ModelFiles> {
  const json = async (path: string) => JSON.parse(await files[path]!.text());
  const tokenizer = await json('tokenizer.json');
  const { vocab, merges } = tokenizer.model;
  for (const [token, mark] of Object.entries(MARKS)) {
    const id = vocab[token];
    delete vocab[token];
    const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false };
    tokenizer.added_tokens.push({ id, content: mark, ...flags });
  }
  const isNamed = (merge: readonly string[]) => merge.join('') in MARKS;
  tokenizer.model.merges = merges.filter((merge: readonly string[]) => !isNamed(merge));
  const config = { ...(await json('tokenizer_config.json')), chat_template: TEMPLATES[template] };
  const blob = (value: object) => new Blob([JSON.stringify(value)]);
  return {
    name: `${name}, thinking`,
    files: { ...files, 'tokenizer.json': blob(tokenizer), 'tokenizer_config.json': blob(config) },
  };
}

/** The model as a folder. */
export async function writeThinkingFolder(
  folder: string,
  model: ModelFiles,
  template: keyof typeof TEMPLATES,
): Promise<void> {
  const { files } = await thinkingModel(model, template);
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  for (const [file, blob] of Object.entries(files))
    writeFileSync(join(folder, file), new Uint8Array(await blob.arrayBuffer()));
}
