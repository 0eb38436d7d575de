/** `e2p manifest`: writes what a browser needs to check a model folder chunk by chunk while it downloads it. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { E2PError } from '../error.ts';
import {
  CHUNK_BYTES,
  MANIFEST_NAME,
  MANIFEST_VERSION,
  type Manifest,
  type ManifestFile,
} from '../storage/manifest.ts';
import { defineCommand } from './command.ts';
import { prepareOutput, writeWhole } from './files.ts';

async function manifest(folder: string): Promise<void> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new E2PError('invalid-argument', `${folder}: no such folder`);
  }
  const paths = filesOf(folder);
  if (paths.length === 0) throw new E2PError('invalid-argument', `${folder} has no files`);
  const out = join(folder, MANIFEST_NAME);
  prepareOutput(out);
  const files: Record<string, ManifestFile> = {};
  for (const path of paths) files[path.split(sep).join('/')] = await describeFile(join(folder, path));
  const text: Manifest = { version: MANIFEST_VERSION, chunkBytes: CHUNK_BYTES, files };
  const json = `${JSON.stringify(text, null, 1)}\n`;
  await writeWhole(out, [json]);
  const bytes = Object.values(files).reduce((sum, { size }) => sum + size, 0);
  console.log(`${out}: ${paths.length} files, ${bytes} bytes`);
  // What an app pins with `manifestSha256`.
  console.log(`SHA-256 of the manifest: ${createHash('sha256').update(json).digest('hex')}`);
}

/** Files under the folder in alphabetical order; hidden ones are not part of a model. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.split(sep).every((part) => !part.startsWith('.')))
    .filter((path) => path !== MANIFEST_NAME && path !== `${MANIFEST_NAME}.part`)
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

async function describeFile(path: string): Promise<ManifestFile> {
  const whole = createHash('sha256');
  const chunks: string[] = [];
  let chunk: Hash | undefined;
  let size = 0;
  for await (const data of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    whole.update(data);
    for (let at = 0; at < data.length; ) {
      const room = CHUNK_BYTES - (size % CHUNK_BYTES);
      const piece = data.subarray(at, at + room);
      chunk ??= createHash('sha256');
      chunk.update(piece);
      size += piece.length;
      at += piece.length;
      if (size % CHUNK_BYTES === 0) {
        chunks.push(chunk.digest('hex'));
        chunk = undefined;
      }
    }
  }
  if (chunk !== undefined) chunks.push(chunk.digest('hex'));
  return { size, sha256: whole.digest('hex'), chunks };
}

export const command = defineCommand({
  purpose: 'Writes e2p-manifest.json into a model folder: size and SHA-256 of each file and of its chunks.',
  note: 'It writes into the folder, so a Hub id is no argument here: the Hub lists digests of its own.',
  argument: '<folder>',
  options: {},
  examples: ['manifest my-model'],
  run: (_, folder) => manifest(folder),
});
