/** A file for the visitor to keep, made in the page: it goes into the downloads, and nowhere else. */
import { element } from './dom.ts';

/** Long enough for a browser that asks where to put it. */
const KEPT_MS = 60_000;

export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
