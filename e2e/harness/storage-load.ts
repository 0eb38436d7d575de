/** Reads files of a folder through the storage room, and says what became of it as data. */
import { E2PError } from '../../src/error.ts';
import type { FetchProgress } from '../../src/storage/file-source.ts';
import { withUrlFolder } from '../../src/storage/url-source.ts';
import { openWeightStore } from '../../src/storage/weight-store.ts';

export interface LoadOutcome {
  readonly backend: string;
  readonly warning: string | undefined;
  /** SHA-256 by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

export async function loadFiles(
  url: string,
  paths: readonly string[],
  onProgress: (progress: FetchProgress) => void,
  stallMs?: number,
): Promise<LoadOutcome> {
  const store = await openWeightStore();
  const { backend, warning } = store;
  const files: Record<string, string> = {};
  try {
    // Between two attempts no more patience than a test has. A pause of a busy machine is no silent server, so that only the
    // test of one has less patience than a person's page.
    const network = {
      ...(stallMs !== undefined && { stallMs }),
      sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 50)),
    };
    await withUrlFolder({ url, store, onProgress, network }, async (source) => {
      for (const path of paths) {
        const file = await source.open!(path);
        if (file !== undefined) files[path] = await sha256(await (file.data as Blob).arrayBuffer());
      }
    });
    return { backend, warning, files, error: undefined };
  } catch (error) {
    const code = error instanceof E2PError ? error.code : 'not typed';
    return { backend, warning, files, error: { code, message: (error as Error).message } };
  }
}

export async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
