/** `e2p generate`: one answer, personalised where a projector and a user are given. */
import { fileURLToPath } from 'node:url';
import { E2PError } from '../error.ts';
import { Personalizer } from '../node.ts';
import { readProjector } from '../projector/projector.ts';
import { splitDescription } from '../user/sentence-encoder.ts';
import type { UserEmbedding } from '../user/user-embedding.ts';
import { dtype } from './choices.ts';
import { defineCommand, expectBoth, expectOne, given, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { number, whole } from './numbers.ts';

/** What a description in words is read with, where nothing else is given: they ship with the package. */
const DESCRIBED = {
  model: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  projector: fileURLToPath(
    new URL('../../public/projectors/smollm2-135m-instruct.safetensors', import.meta.url),
  ),
} as const;

const OPTIONS = {
  prompt: { value: '<text>', required: true, meaning: 'what to ask' },
  model: {
    value: '<folder|id>',
    meaning: 'a folder, the URL of one, or a Hub id',
    without: 'SmolLM2 with --describe',
  },
  projector: {
    value: '<file>',
    meaning: 'reads the user',
    without: 'the one of SmolLM2 with --describe',
  },
  user: { value: '<file>', meaning: 'who asks, as numbers: {"space": "…", "values": […]}' },
  describe: {
    ...{ value: '<text>', many: true },
    meaning: 'who asks, in words: a line each time, or one text whose sentences are lines',
  },
  encoder: {
    ...{ value: '<id|folder>', meaning: 'sentence encoder that reads --describe' },
    without: "the one that the projector's contract names",
  },
  strength: {
    value: '<λ>',
    read: number,
    default: '1',
    meaning: '0 = the mean user, 1 = as trained, more exaggerates',
  },
  'max-tokens': { value: '<n>', read: whole, default: '256', meaning: 'of the answer' },
  temperature: {
    value: '<t>',
    read: number,
    meaning: '0 = always the likeliest token',
    without: "the model's own",
  },
  seed: {
    value: '<n>',
    read: number,
    meaning: 'the same one draws the same text',
    without: 'chance',
  },
  dtype: { value: '<d>', read: dtype, meaning: 'precision of the model', without: 'q4, else fp32' },
  json: { meaning: 'text, token ids and timings as JSON' },
} as const satisfies Options;

async function generate(values: Values<typeof OPTIONS>): Promise<void> {
  const { prompt, user, describe, encoder, dtype, strength, temperature, seed } = values;
  expectOne(values, 'user', 'describe', 'who the user is');
  expectBoth(values, 'encoder', 'describe');
  const described = describe !== undefined;
  const {
    model = described ? DESCRIBED.model : undefined,
    projector = described ? DESCRIBED.projector : undefined,
  } = values;
  if (model === undefined) throw new E2PError('invalid-argument', '--model is missing');
  if (user !== undefined && projector === undefined) {
    throw new E2PError('invalid-argument', '--user needs a --projector to read it');
  }
  const embedding = user === undefined ? undefined : readUser(user);
  const lines = describe?.length === 1 ? describe[0] : describe;
  // Before the model, which may have to be downloaded.
  if (projector !== undefined) {
    const { vectors } = readProjector(readInput(projector, 'invalid-projector'), projector).contract;
    if (lines !== undefined) splitDescription(lines, vectors);
  }

  await using personalizer = await Personalizer.create({ model, ...given({ dtype, projector, encoder }) });
  const { warning } = personalizer.model;
  if (warning !== undefined) process.stderr.write(`${model}: ${warning}\n`);
  if (embedding !== undefined) await personalizer.user.set(embedding);
  if (lines !== undefined) await personalizer.user.describe(lines);
  const session = await personalizer.createSession({ strength });
  const result = await session.generate(prompt, {
    ...{ maxTokens: values['max-tokens'], ...given({ temperature, seed }) },
    ...(!values.json && { onText: (text: string) => void process.stdout.write(text) }),
  });
  if (values.json) console.log(JSON.stringify({ ...result, device: personalizer.device.device }, null, 2));
  else process.stdout.write('\n');
}

/** {"space": text, "values": numbers}; whether they fit is the projector's contract to say. */
function readUser(path: string): UserEmbedding {
  let parsed: { space?: unknown; values?: unknown };
  const text = new TextDecoder().decode(readInput(path, 'invalid-embedding'));
  try {
    parsed = JSON.parse(text);
  } catch {
    // JSON.parse quotes the text it stumbles over, and this text is personal.
    throw new E2PError('invalid-embedding', `${path} is not JSON`);
  }
  const { space, values } = parsed ?? {};
  if (typeof space !== 'string' || !Array.isArray(values) || !values.every((v) => typeof v === 'number')) {
    throw new E2PError('invalid-embedding', `${path}: expected {"space": "…", "values": [numbers]}`);
  }
  return { space, values: Float32Array.from(values) };
}

export const command = defineCommand({
  purpose: 'Writes one answer, personalised where a projector and a user are given.',
  options: OPTIONS,
  examples: [
    'generate --model my-model --projector p.safetensors --user user.json --prompt "What shall I read?"',
    'generate --describe "I love pottery. I have two dogs." --prompt "Plan a Sunday for me."',
  ],
  run: generate,
});
