import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gpuPage } from './gpu-page.ts';

it('docs/results/gpu.md says what its data say', () => {
  const report = JSON.parse(readFileSync('docs/results/gpu.json', 'utf8'));
  expect(readFileSync('docs/results/gpu.md', 'utf8')).toBe(gpuPage(report));
});
