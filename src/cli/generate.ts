/** `e2p generate`: one answer, personalised where a projector and a user are given. */
import { fileURLToPath } from 'node:url';
import { E2PError } from '../error.ts';
import { Personalizer } from '../node.ts';
import { readProjector } from '../projector/projector.ts';
import { readUsers } from '../train/training-data.ts';
import { splitDescription } from '../user/sentence-encoder.ts';
import { answerEveryone } from './answer-everyone.ts';
import { type Chat, readChat } from './chat-file.ts';
import { dtype } from './choices.ts';
import { defineCommand, expectBoth, expectOne, given, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { MODEL } from './load-model.ts';
import { count, number, positive, positiveShare, share, whole } from './numbers.ts';
import { templateVariable } from './template-variable.ts';
import { checkUser, findUser, readUser, type User } from './user-file.ts';

/** What a description in words is read with, where nothing else is given: they ship with the package. */
const DESCRIBED = {
  model: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  projector: fileURLToPath(
    new URL('../../public/projectors/smollm2-135m-instruct.safetensors', import.meta.url),
  ),
} as const;

/** Of sampling. */
const OF_MODEL = { without: "the model's own" } as const;

const OPTIONS = {
  prompt: { value: '<text>', required: { unless: 'chat' }, meaning: 'what to ask' },
  chat: {
    value: '<file>',
    meaning: 'a conversation instead: JSON [{"role", "content"}, …], the last one of the user',
    without: 'none',
  },
  model: { ...MODEL, without: 'SmolLM2 with --describe' },
  projector: {
    value: '<file>',
    meaning: 'reads the user',
    without: 'the one of SmolLM2 with --describe',
  },
  user: {
    value: '<file|id>',
    meaning: 'who asks, as a vector: JSON, base64, .npy or safetensors; with --users, an id in it',
    without: 'nobody',
  },
  users: {
    value: '<file>',
    meaning: "who --user is one of, as for train: JSON Lines, or safetensors, in the projector's space",
    without: 'none',
  },
  everyone: { meaning: 'answers each of --users, in batches: a line of JSON each' },
  'batch-size': {
    ...{ value: '<n>', read: count, without: '16' },
    meaning: 'users of --everyone that are answered together',
  },
  describe: {
    ...{ value: '<text>', many: true },
    meaning: 'who asks, in words: a line each time, or one text whose sentences are lines',
    without: 'nobody',
  },
  encoder: {
    ...{ value: '<id|folder>', meaning: 'sentence encoder that reads words of the user' },
    without: "the one that the projector's contract names",
  },
  strength: {
    value: '<λ>',
    read: number,
    default: '1',
    meaning: '0 = the mean user, 1 = as trained, more exaggerates',
  },
  'no-drift': { meaning: 'personalise also by an embedding unlike those that the projector was trained on' },
  'no-personalise': { meaning: 'the bare model, although a user is given' },
  'template-variable': {
    ...{ value: '<name=v>', read: templateVariable, many: true },
    meaning: "a variable of the model's chat template, as JSON or text, e.g. enable_thinking=false",
    without: 'none',
  },
  'max-tokens': { value: '<n>', read: count, default: '256', meaning: 'of the answer, thoughts included' },
  stop: {
    ...{ value: '<text>', many: true },
    meaning: 'ends the answer, and is no part of it',
    without: "only the model's own end",
  },
  temperature: { value: '<t>', read: number, meaning: '0 = always the likeliest token', ...OF_MODEL },
  'top-k': { value: '<k>', read: whole, meaning: 'draw among the k likeliest tokens, 0 = all', ...OF_MODEL },
  'top-p': {
    ...{ value: '<p>', read: positiveShare, ...OF_MODEL },
    meaning: 'draw among the likeliest tokens whose probability reaches p, 1 = all',
  },
  'min-p': {
    ...{ value: '<p>', read: share, ...OF_MODEL },
    meaning: 'draw among tokens at least this fraction as likely as the likeliest, 0 = all',
  },
  'repetition-penalty': {
    ...{ value: '<r>', read: positive, ...OF_MODEL },
    meaning: 'above 1 makes tokens that are there already less likely, 1 = off',
  },
  seed: {
    value: '<n>',
    read: whole,
    meaning: 'the same one draws the same text',
    without: 'chance',
  },
  dtype: {
    value: '<d>',
    read: dtype,
    meaning: 'precision of the model',
    without: 'q4, else fp32, else another one',
  },
  json: { meaning: 'text, token ids and timings as JSON' },
} as const satisfies Options;

type Given = Values<typeof OPTIONS>;

async function generate(values: Given): Promise<void> {
  const { describe, encoder, dtype, strength, 'template-variable': variables } = values;
  checkTogether(values);
  const { model = describe && DESCRIBED.model, projector = describe && DESCRIBED.projector } = values;
  if (model === undefined) throw new E2PError('invalid-argument', '--model is missing');
  if (values.user !== undefined && projector === undefined)
    throw new E2PError('invalid-argument', '--user needs a --projector to read it');
  if (values.everyone && projector === undefined)
    throw new E2PError('invalid-argument', '--everyone needs a --projector to read the users');
  // Before the model, which may have to be downloaded.
  const { before, prompt } = readConversation(values);
  const users = values.everyone ? readUsers(readInput(values.users!), values.users!) : undefined;
  const user = projector === undefined || values.everyone ? undefined : readWho(values, projector);

  await using personalizer = await Personalizer.create({
    ...{ model, ...given({ dtype, projector, encoder }) },
    ...(values['no-drift'] && { drift: false }),
    onDrift: ({ level, reason, strength }) =>
      process.stderr.write(
        `the user's embedding is ${level}${reason ? ` (${reason})` : ''}: strength × ${strength}\n`,
      ),
  });
  const { warning, dtype: began } = personalizer.model;
  const sampling = samplingOf(values);
  const templateVariables = variables && Object.fromEntries(variables);
  if (warning !== undefined) process.stderr.write(`${model}: ${warning}\n`);
  if (users !== undefined) {
    const batch = { ...sampling, ...given({ batchSize: values['batch-size'], templateVariables }) };
    const messages = [...before, { role: 'user', content: prompt } as const];
    const space = personalizer.space!.id;
    const asked = { users, space, prompt: messages, strength, batch, isWhole: values.json };
    await answerEveryone(personalizer, asked);
    return;
  }
  const isBare = values['no-personalise'];
  if (user?.embedding !== undefined && !isBare) await personalizer.user.set(user.embedding);
  if (user?.lines !== undefined && !isBare) await personalizer.user.describe(user.lines);
  const session = await personalizer.createSession({
    ...{ strength, initialPrompts: before },
    ...given({ templateVariables }),
    ...(isBare && { personalise: false }),
  });
  const result = await session.generate(prompt, {
    ...sampling,
    ...(!values.json && {
      onText: (text: string) => void process.stdout.write(text),
      onReasoning: (text: string) => void process.stderr.write(text),
    }),
  });
  if (result.reasoning !== undefined && !values.json) process.stderr.write('\n');
  if (personalizer.model.dtype !== began) process.stderr.write(`${model}: ${personalizer.device.reason}\n`);
  if (values.json) console.log(JSON.stringify({ ...result, device: personalizer.device.device }, null, 2));
  else process.stdout.write('\n');
}

const samplingOf = (values: Given) => ({
  ...given({ temperature: values.temperature, topK: values['top-k'], topP: values['top-p'] }),
  ...given({ minP: values['min-p'], repetitionPenalty: values['repetition-penalty'] }),
  ...given({ maxTokens: values['max-tokens'], seed: values.seed, stop: values.stop }),
});

function checkTogether(values: Given): void {
  expectOne(values, 'prompt', 'chat', 'what to ask');
  expectOne(values, 'user', 'describe', 'who the user is');
  expectOne(values, 'everyone', 'user', 'who the user is');
  expectOne(values, 'everyone', 'describe', 'who the user is');
  expectOne(values, 'everyone', 'no-personalise', 'who the user is');
  const { everyone } = values;
  // A switch that is not given is false.
  const asked = { ...values, everyone: everyone || undefined };
  if (everyone) expectBoth(asked, 'everyone', 'users');
  else expectBoth(values, 'users', 'user');
  expectBoth(asked, 'batch-size', 'everyone');
  if (values.users === undefined) expectBoth(values, 'encoder', 'describe');
}

function readConversation({ prompt = '', chat }: Given): Chat {
  return chat === undefined ? { before: [], prompt } : readChat(readInput(chat), chat);
}

/** Whoever is given, if they are what the projector reads. */
function readWho({ user, users, describe }: Given, projector: string): User | undefined {
  const { space, vectors } = readProjector(readInput(projector, 'invalid-projector'), projector).contract;
  const wanted = { id: space.id, dim: space.dim, vectors };
  const oneUser = user !== undefined && users === undefined ? readUser(user, wanted) : undefined;
  const said: User | undefined = describe && { lines: describe.length === 1 ? describe[0]! : describe };
  const found = users === undefined ? undefined : findUser(users, user!, space.id);
  const who = oneUser ?? found ?? said;
  if (found?.embedding !== undefined) checkUser(found.embedding, users!, wanted);
  if (who?.lines !== undefined) splitDescription(who.lines, vectors);
  return who;
}

export const command = defineCommand({
  purpose:
    'Writes one answer, personalised where a projector and a user are given; thoughts go to the error output.',
  options: OPTIONS,
  examples: [
    'generate --model my-model --projector p.safetensors --user user.json --prompt "What shall I read?"',
    'generate --model my-model --projector p.safetensors --users users.jsonl --user u17 --chat chat.json',
    'generate --model my-model --projector p.safetensors --users users.jsonl --everyone --prompt "…" > answers.jsonl',
    'generate --describe "I love pottery. I have two dogs." --prompt "Plan a Sunday for me."',
  ],
  run: generate,
});
