import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { builtCli } from '../testing/built-cli.ts';
import { halfGraph, writeFolderWith } from '../testing/half-model.ts';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';

const main = builtCli();

/** The program as a person runs it. */
function e2p(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
  });
  return { status, out: stdout, lines: stderr.trim().split('\n') };
}

const folder = mkdtempSync(join(tmpdir(), 'e2p-cli-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const tiny = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const asked = [
  'generate',
  '--model',
  tiny,
  '--projector',
  join(tiny, 'projector.safetensors'),
  '--prompt',
  'p',
];
const garbage = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251);

describe('e2p on bad input: exit code 2 and one line', () => {
  it('a model whose logits are no numbers: no text, and the likely cause', async () => {
    const model = join(folder, 'overflows');
    await writeFolderWith(model, { 'onnx/model_fp16.onnx': halfGraph(16_384) });
    const { status, out, lines } = e2p('generate', '--model', model, '--prompt', 'Story: pocket drone');
    expect({ status, out, lines: lines.length }).toEqual({ status: 2, out: '', lines: 1 });
    expect(lines[0]).toMatch(
      /^e2p generate: .*overflows, fp16 on node: a logit is (NaN|∞), expected a number; likely a value beyond 65504/,
    );
  });

  it.each([
    ['no such command', ['frobnicate'], /unknown command "frobnicate"/],
    ['no such option', ['generate', '--modle', 'x'], /--modle/],
    ['no prompt', ['generate', '--model', folder], /--prompt is missing/],
    ['no such folder', ['inspect', join(folder, 'nowhere')], /nowhere: no such file or folder/],
    [
      'a folder without a graph',
      ['inspect', folder],
      /no graph found, expected one of model\.onnx, .*, found no \.onnx file/,
    ],
    [
      'text for a number',
      ['generate', '--model', 'm', '--prompt', 'p', '--strength', 'much'],
      /--strength is "much"/,
    ],
    [
      'a user without a projector',
      ['generate', '--model', 'm', '--prompt', 'p', '--user', 'u'],
      /needs a --projector/,
    ],
    [
      'a graph to be written below a file',
      ['inspect', join(tiny, 'onnx/model_q4.onnx'), '--write', join(file('note', ''), 'x.onnx')],
      /x\.onnx could not be written: a part of its path is a file/,
    ],
  ] as const)('%s', (_, args, reason) => {
    const { status, out, lines } = e2p(...args);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(reason);
  });

  it('garbage for a graph, a projector, a user, a configuration: nothing of it reaches the terminal', () => {
    const save = (...names: string[]): string => {
      writeFileSync(join(folder, ...names), garbage);
      return join(folder, ...names);
    };
    const [graph, projector, user] = [save('g.onnx'), save('g.safetensors'), save('g.json')];
    mkdirSync(join(folder, 'm'));
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) save('m', name);
    const refused = (why: RegExp, ...args: string[]) => {
      const { status, lines } = e2p(...args);
      expect([status, lines.length]).toEqual([2, 1]);
      expect(lines[0]).toMatch(why);
      expect(lines[0]).not.toMatch(/\p{Cc}/u);
    };
    refused(
      /g\.onnx is not a complete ONNX model: found \d+ bytes \(no protobuf\), expected/,
      'inspect',
      graph,
    );
    refused(/g\.safetensors: found \d+ bytes, expected a safetensors header/, 'inspect', projector);
    refused(/g\.json: the embedding: it is \d+ bytes, expected JSON, base64/, ...asked, '--user', user);
    refused(/\w+\.json is not JSON/, 'generate', '--model', join(folder, 'm'), '--prompt', 'p');
  });

  it('a file that is no model, or a user that is no JSON, whose content is not repeated', () => {
    const notes = file('notes.onnx', 'some notes');
    expect(e2p('inspect', notes).lines[0]).toMatch(
      /notes\.onnx is not a complete ONNX model: found text, expected a ModelProto/,
    );
    const user = file('user.json', '{"space": secret');
    const { lines } = e2p(...asked, '--user', user);
    expect(lines[0]).toMatch(/user\.json: the embedding/);
    expect(lines[0]).not.toMatch(/secret/);
  });
});

describe('e2p whose reader has enough', () => {
  it('ends without a word', () => {
    const run = `${JSON.stringify(process.execPath)} --import tsx ${JSON.stringify(main)} inspect ${JSON.stringify(tiny)} | true; exit \${PIPESTATUS[0]}`;
    const { status, stderr } = spawnSync('bash', ['-c', run], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe.skipIf(!hasShared)(`e2p on a real model${sharedNote}`, () => {
  const model = sharedPath('models/stories260k');

  it('inspect says why a model cannot be trained through', () => {
    const path = sharedPath('exports/rotary23-positions.onnx');
    expect(e2p('inspect', path).out).toMatch(/training +no: cannot differentiate com.microsoft.QMoE/);
    const { training, format, version } = JSON.parse(e2p('inspect', path, '--json').out);
    expect({ format, version }).toEqual({ format: 'e2p-inspect', version: 1 });
    expect(training).toEqual({ possible: false, reason: expect.stringContaining('QMoE') });
    expect(e2p('inspect', sharedPath('exports/prune')).out).toMatch(/training +yes/);
    const folder = e2p('inspect', sharedPath('exports/opt-nopast'));
    expect(folder.status).toBe(1);
    expect(folder.out).toMatch(/model\.onnx\n +refused +.*no KV cache/);
    // Sizes of the cache are those of config.json, beside the file or above it.
    const real = sharedPath('models/smollm2-135m-instruct/onnx/model_q4.onnx');
    expect(JSON.parse(e2p('inspect', real, '--json').out).training).toEqual({ possible: true });
  });

  it('inspect draws the path from ids to logits', () => {
    const { status, out } = e2p('inspect', model);
    expect(status).toBe(0);
    expect(out).toMatch(/ids +input_ids int64/);
    expect(out).toMatch(/V = 512, H = 64/);
    expect(out).toMatch(/soft token +goes in at .*GatherBlockQuantized/);
    expect(out.match(/training +yes/g)).toHaveLength(2);
    expect(out).toMatch(/10 × float32 \[batch, 4, length, 16\]/);
  });

  it('generate --json gives text, ids and timings', () => {
    const { status, out } = e2p(
      'generate',
      '--model',
      model,
      '--prompt',
      'Once upon a time',
      '--max-tokens',
      '8',
      '--json',
      '--dtype',
      'fp32',
    );
    expect(status).toBe(0);
    const result = JSON.parse(out);
    expect(result).toMatchObject({ softTokens: 0, finishReason: 'length' });
    expect(result.text).toMatch(/^, there was/);
    expect(result.tokenIds).toHaveLength(8);
    expect(result.timeToFirstTokenMs).toBeGreaterThan(0);
    expect(result.tokensPerSecond).toBeGreaterThan(0);
  });
});
