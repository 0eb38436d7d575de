/** Where onnxruntime-node, an optional package, is not installed. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { builtCli } from '../testing/built-cli.ts';

const main = builtCli();
const tiny = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'e2p-without-'));
const copy = join(folder, 'model');
cpSync(tiny, copy, { recursive: true });

/** What Node does then, before the program. */
const hide = (message: string, code: string): string => {
  const file = join(folder, `${code}.cjs`);
  const error = `Object.assign(new Error(${JSON.stringify(message)}), { code: '${code}' })`;
  writeFileSync(
    file,
    `const Module = require('node:module');
    const load = Module._load;
    Module._load = function (name, ...rest) {
      if (name === 'onnxruntime-node') throw ${error};
      return load.call(this, name, ...rest);
    };`,
  );
  return file;
};
const missing = hide("Cannot find module 'onnxruntime-node'\nRequire stack:\n- x", 'MODULE_NOT_FOUND');
const broken = hide('libonnxruntime.so.1: cannot open shared object file', 'ERR_DLOPEN_FAILED');
const e2p = (without: string, ...args: string[]) => {
  const run = ['--require', without, main, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, run, { encoding: 'utf8' });
  return { status, out: stdout, error: stderr };
};

describe('without onnxruntime-node', () => {
  it('a command that computes says what to install', () => {
    const asked = ['generate', '--model', tiny, '--prompt', 'p'];
    expect(e2p(missing, ...asked)).toEqual({
      ...{ status: 2, out: '' },
      error:
        'e2p generate: Node computes with the package onnxruntime-node, which is not installed: npm install onnxruntime-node\n',
    });
    expect(e2p(broken, ...asked)).toMatchObject({
      status: 2,
      error:
        'e2p generate: the package onnxruntime-node could not be loaded: libonnxruntime.so.1: cannot open shared object file\n',
    });
  });

  it.each([
    ['--version'],
    ['help', 'train'],
    ['csp'],
    ['init', join(folder, 'app')],
    ['manifest', copy],
    ['inspect', tiny],
  ])('others run: e2p %s', (...args) => {
    expect(e2p(missing, ...args)).toMatchObject({ status: 0, error: '' });
  });
});
