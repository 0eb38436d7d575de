/** The tables of docs/models.md: which exporter's file of which architecture generates and trains, and why not. */
import type { ExportRow } from '../../src/testing/exports/structure-folder.ts';
import { inCell, table } from '../smollm2/report-table.ts';

const begin = '<!-- exports: written by npm run make:exports -->';
const end = '<!-- end of exports -->';

/** Columns of the large table; what has other options, or is no decoder, stands in the list below it. */
const COLUMNS: Readonly<Record<string, string>> = {
  'optimum-sdpa': 'Optimum fp32',
  'optimum-eager': 'Optimum fp32, eager attention',
  'optimum-fp16': 'Optimum fp16',
  'optimum-q4': 'Optimum q4',
  'optimum-q4f16': 'Optimum q4f16',
  'optimum-int8': 'Optimum int8',
  'genai-fp32': 'genai fp32, CPU',
  'genai-q4': 'genai q4, CPU',
  'genai-fp16-webgpu': 'genai fp16, WebGPU',
  'genai-q4f16-webgpu': 'genai q4f16, WebGPU',
};

const isRight = (outcome: string) => outcome === 'right';

/** Without what is particular to one file: node and value names, the file itself. */
const plain = (reason: string): string =>
  inCell(
    reason
      .replace(/^cannot lower /, '')
      .replace(/^(genai|optimum)-\S+: /, '')
      .replace(/^onnx\/model\.onnx: /, '')
      .replace(/, found .*; an encoder/, '; an encoder')
      .replace(/ \(node [^)]*\)/, ''),
  );

function of(rows: readonly ExportRow[]): string {
  const reasons = [
    ...new Set(
      rows.flatMap(({ generates, trains }) =>
        [generates, trains].filter((o) => o !== '' && !isRight(o)).map(plain),
      ),
    ),
  ];
  const note = (outcome: string) => `(${reasons.indexOf(plain(outcome)) + 1})`;
  const cell = (row: ExportRow | undefined): string => {
    if (row === undefined) return '';
    if (!isRight(row.generates)) return `refused ${note(row.generates)}`;
    return isRight(row.trains) ? 'both' : `generates ${note(row.trains)}`;
  };
  const usual = rows.filter(({ exporter }) => exporter in COLUMNS);
  const architectures = [...new Set(usual.map(({ architecture }) => architecture))].sort();
  const at = (architecture: string, exporter: string) =>
    usual.find((row) => row.architecture === architecture && row.exporter === exporter);
  const others = rows.filter(({ exporter }) => !(exporter in COLUMNS));
  return [
    begin,
    table(
      ['architecture', ...Object.values(COLUMNS)],
      architectures.map((name) => [
        name,
        ...Object.keys(COLUMNS).map((exporter) => cell(at(name, exporter))),
      ]),
    ),
    table(
      ['export', 'architecture', 'here'],
      others.map((row) => [row.exporter, row.architecture, cell(row)]),
    ),
    reasons.map((reason, i) => `${i + 1}. ${reason}`).join('\n'),
    end,
  ].join('\n\n');
}

export const exportTables = { begin, end, of };
