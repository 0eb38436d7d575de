/**
 * `npm run make:exports -- FOLDER`: tries every model that `make_exports.py` left there, keeps its structure as a fixture, and writes what was
 * found: docs/results/exports.json and the tables of docs/models.md. Fixtures are tried again in `src/model/exports.test.ts`.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { findGraphs, readGraph } from '../../src/model/graph-files.ts';
import { fromGenaiConfig } from '../../src/model/model-config.ts';
import { weightBytes } from '../../src/model/weight-bytes.ts';
import { createRuntime } from '../../src/node.ts';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import { createFolderSource } from '../../src/storage/folder-source.ts';
import { checkExport } from '../../src/testing/exports/check-export.ts';
import { STRUCTURES, structureFolder, withoutWeights } from '../../src/testing/exports/structure.ts';
import type { ExportRow } from '../../src/testing/exports/structure-folder.ts';
import { exportTables } from './export-tables.ts';

const [from] = process.argv.slice(2);
if (from === undefined)
  throw new Error('usage: npm run make:exports -- FOLDER, as tools/exports/make_exports.py left it');

const runtime = createRuntime();
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const rows: ExportRow[] = [];
rmSync(STRUCTURES, { recursive: true, force: true });
mkdirSync(STRUCTURES, { recursive: true });

for (const exporter of readdirSync(from).sort()) {
  if (!/^(optimum|genai)-/.test(exporter) || exporter.includes('.')) continue;
  for (const architecture of readdirSync(`${from}/${exporter}`).sort()) {
    const folder = `${from}/${exporter}/${architecture}`;
    const genai = `${folder}/genai_config.json`;
    const config = existsSync(genai)
      ? fromGenaiConfig(json(genai), folder).config
      : json(`${folder}/config.json`);
    const file = `${exporter}.${architecture}.onnx.gz`;
    writeFileSync(new URL(file, STRUCTURES), gzipSync(await structureOf(folder), { level: 9 }));
    const known = [
      'model_type',
      'num_attention_heads',
      'num_key_value_heads',
      'head_dim',
      'hidden_size',
      'n_head',
      'n_embd',
    ];
    const row = {
      ...{ exporter, architecture, file },
      config: Object.fromEntries(
        known.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])),
      ),
    };
    const outcome = await checkExport({ source: structureFolder(row), runtime });
    rows.push({ ...row, ...outcome });
    console.log(exporter, architecture, outcome.generates, outcome.trains);
  }
}
writeFileSync('docs/results/exports.json', `${JSON.stringify(rows, null, 1)}\n`);
const page = readFileSync('docs/models.md', 'utf8');
const [head, tail] = [page.indexOf(exportTables.begin), page.indexOf(exportTables.end)];
writeFileSync(
  'docs/models.md',
  page.slice(0, head) + exportTables.of(rows) + page.slice(tail + exportTables.end.length),
);

async function structureOf(folder: string): Promise<Uint8Array> {
  const source = createFolderSource(folder);
  for await (const { path, file } of findGraphs(source, ['fp32'], {})) {
    const { model, weights } = await readGraph(source, path, file, {});
    const read = new Map<string, Uint8Array>();
    for (const tensor of model.graph.initializers) {
      // int32_data and the like stay as they are.
      if (!(tensor.rawData ?? tensor.floatData) && tensor.externalData.length === 0) continue;
      const bytes = weightBytes(tensor, weights);
      read.set(tensor.name, await bytes.read(0, bytes.size));
    }
    return writeOnnx(withoutWeights(model, ({ name }) => read.get(name)));
  }
  throw new Error(`${folder}: no graph`);
}
