import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { exportRows } from '../../src/testing/exports/structure.ts';
import { exportTables } from './export-tables.ts';

it('docs/models.md has the tables of docs/results/exports.json', () => {
  expect(readFileSync('docs/models.md', 'utf8')).toContain(exportTables.of(exportRows()));
});
