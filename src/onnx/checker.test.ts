/** Rewritten files against the checker of the `onnx` package (Debian: python3-onnx), where it is installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { writeOnnx } from './onnx-file.ts';
import type { OnnxModel } from './onnx-model.ts';
import { personaliseGraph } from './personalise-graph.ts';

const PYTHON = '/usr/bin/python3';
const hasChecker = spawnSync(PYTHON, ['-c', 'import onnx']).status === 0;
const note = hasChecker ? '' : ' (skipped: needs python3-onnx)';

/** Checks each file; one line of JSON per file: null, or the checker's complaint. */
const PROGRAM = `
import json, sys, onnx
for path in sys.argv[1:]:
    try:
        onnx.checker.check_model(onnx.load(path), full_check=False)
        print(json.dumps(None))
    except Exception as error:
        print(json.dumps(str(error)))
`;

describe.skipIf(!hasChecker)(`the onnx checker${note}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'e2p-checker-'));

  function complaints(models: readonly OnnxModel[]): (string | null)[] {
    const files = models.map((model, i) => {
      const file = join(folder, `${i}.onnx`);
      writeFileSync(file, writeOnnx(model));
      return file;
    });
    const { stdout, stderr } = spawnSync(PYTHON, ['-c', PROGRAM, ...files], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }

  it('has nothing against a rewritten graph that it did not have against the original', () => {
    // The checker of an older package knows neither IR 10 nor onnxruntime's operators in the main domain.
    const known = ZOO.filter(({ opset = 17, norm }) => opset <= 17 && norm !== 'fused');
    expect(known.length).toBeGreaterThan(8);
    const originals = complaints(known.map((style) => buildZoo(style).model));
    expect(originals).toEqual(known.map(() => null));
    expect(complaints(known.map((style) => personaliseGraph(buildZoo(style).model).model))).toEqual(
      originals,
    );
  });
});
