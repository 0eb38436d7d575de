import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TINY_MODEL } from '../src/testing/tiny-encoder.ts';

/** What of it lies anywhere in a profile's files; and whether weights and vault do, so that this is where things are kept. */
export function searchProfile(profile: string, secrets: Readonly<Record<string, Buffer>>) {
  const chunk = createHash('sha256')
    .update(readFileSync(join(TINY_MODEL, 'onnx/model_q4.onnx')))
    .digest('hex');
  const files = readdirSync(profile, { recursive: true, encoding: 'utf8' })
    .map((path) => join(profile, path))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => [path, readFileSync(path)] as const);
  return {
    weights: files.some(([, bytes]) => createHash('sha256').update(bytes).digest('hex') === chunk),
    vault: files.some(
      ([, bytes]) => bytes.includes('e2p-vault') || bytes.includes(Buffer.from('e2p-vault', 'utf16le')),
    ),
    found: files.flatMap(([path, bytes]) =>
      Object.entries(secrets).flatMap(([what, secret]) =>
        bytes.includes(secret) ? [`${what}: ${path}`] : [],
      ),
    ),
  };
}
