/** A model folder that was chosen or dropped, as files by their path inside of it. */
import type { ModelFiles } from '../../../src/index.ts';

/** Of `<input webkitdirectory>`: every path begins with the folder's own name. */
export function chosenFolder(list: FileList): ModelFiles | undefined {
  return asFolder([...list].map((file) => [file.webkitRelativePath, file]));
}

/** Of a drop; what is dropped beside the first folder is not looked at. */
export async function droppedFolder(items: DataTransferItemList): Promise<ModelFiles | undefined> {
  const folder = [...items].map((item) => item.webkitGetAsEntry()).find((entry) => entry?.isDirectory);
  return folder ? asFolder(await filesOf(folder as FileSystemDirectoryEntry)) : undefined;
}

type Named = readonly [path: string, file: File];

function asFolder(files: readonly Named[]): ModelFiles | undefined {
  const name = files[0]?.[0].split('/')[0];
  if (name === undefined) return undefined;
  return {
    name,
    files: Object.fromEntries(files.map(([path, file]) => [path.slice(name.length + 1), file])),
  };
}

async function filesOf(folder: FileSystemDirectoryEntry): Promise<Named[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  // It gives a hundred at a time.
  for (;;) {
    const more = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (more.length === 0) break;
    entries.push(...more);
  }
  const found = await Promise.all(
    entries.map(async (entry): Promise<Named[]> => {
      if (entry.isDirectory) return filesOf(entry as FileSystemDirectoryEntry);
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      return [[entry.fullPath.slice(1), file]];
    }),
  );
  return found.flat();
}
