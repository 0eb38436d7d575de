/** What a file holds that should hold something else, in words for an error. Nothing of its content is repeated. */

/** Of a binary file, a byte below a space is within the first few; text has only tabs and line ends of them. */
const HEAD = 512;

/** What Git has in place of a large file that was not fetched. */
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

export const isLfsPointer = (head: Uint8Array): boolean =>
  new TextDecoder('latin1').decode(head.subarray(0, LFS_POINTER.length)) === LFS_POINTER;

/** @param head the file's first bytes, or all of them */
export function describeBytes(head: Uint8Array, size = head.length): string {
  if (size === 0) return 'an empty file';
  if (isLfsPointer(head)) return 'a Git LFS pointer in place of the file (git lfs pull fetches it)';
  const isText = head.subarray(0, HEAD).every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  return isText ? 'text' : `${size} bytes`;
}
