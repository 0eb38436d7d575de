/** `e2p generate`: one answer, personalised where a projector and a user are given. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { E2PError } from '../error.ts';
import { Personalizer } from '../node.ts';
import type { UserEmbedding } from '../user/user-embedding.ts';
import { checkDtype } from './dtype.ts';
import { numberOption } from './numbers.ts';

/** What a description in words is read with, where nothing else is given: they ship with the package. */
const DESCRIBED = {
  model: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  projector: fileURLToPath(
    new URL('../../public/projectors/smollm2-135m-instruct.safetensors', import.meta.url),
  ),
} as const;

const OPTIONS = {
  model: { type: 'string' },
  projector: { type: 'string' },
  user: { type: 'string' },
  describe: { type: 'string', multiple: true },
  encoder: { type: 'string' },
  strength: { type: 'string' },
  prompt: { type: 'string' },
  'max-tokens': { type: 'string' },
  temperature: { type: 'string' },
  seed: { type: 'string' },
  dtype: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function generate(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const number = (name: 'strength' | 'max-tokens' | 'temperature' | 'seed') =>
    numberOption(name, values[name]);
  const { prompt, user, describe, encoder } = values;
  const described = describe !== undefined;
  const {
    model = described ? DESCRIBED.model : undefined,
    projector = described ? DESCRIBED.projector : undefined,
  } = values;
  if (model === undefined || prompt === undefined) {
    throw new E2PError('invalid-argument', `--${model === undefined ? 'model' : 'prompt'} is missing`);
  }
  if (user !== undefined && projector === undefined) {
    throw new E2PError('invalid-argument', '--user needs a --projector to read it');
  }
  if (user !== undefined && described) {
    throw new E2PError(
      'invalid-argument',
      '--user and --describe both say who the user is, expected one of them',
    );
  }
  const dtype = checkDtype(values.dtype);
  const strength = number('strength');
  const given = {
    maxTokens: number('max-tokens'),
    temperature: number('temperature'),
    seed: number('seed'),
  };
  const embedding = user === undefined ? undefined : readUser(user);

  await using personalizer = await Personalizer.create({
    model,
    ...(dtype && { dtype }),
    ...(projector !== undefined && { projector }),
    ...(encoder !== undefined && { encoder }),
  });
  if (embedding !== undefined) await personalizer.user.set(embedding);
  const lines = describe?.length === 1 ? describe[0] : describe;
  if (lines !== undefined) await personalizer.user.describe(lines);
  const session = await personalizer.createSession(strength === undefined ? {} : { strength });
  const options = Object.fromEntries(Object.entries(given).filter(([, v]) => v !== undefined));
  const stream = values.json ? {} : { onText: (text: string) => void process.stdout.write(text) };
  const result = await session.generate(prompt, { ...options, ...stream });
  if (values.json) console.log(JSON.stringify({ ...result, device: personalizer.device.device }, null, 2));
  else process.stdout.write('\n');
}

/** {"space": text, "values": numbers}; whether they fit is the projector's contract to say. */
function readUser(path: string): UserEmbedding {
  let parsed: { space?: unknown; values?: unknown };
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    // JSON.parse quotes the text it stumbles over, and this text is personal.
    const why = code === undefined ? 'is not JSON' : `could not be read: ${message}`;
    throw new E2PError('invalid-embedding', `${path} ${why}`, { cause });
  }
  const { space, values } = parsed ?? {};
  if (typeof space !== 'string' || !Array.isArray(values) || !values.every((v) => typeof v === 'number')) {
    throw new E2PError('invalid-embedding', `${path}: expected {"space": "…", "values": [numbers]}`);
  }
  return { space, values: Float32Array.from(values) };
}
