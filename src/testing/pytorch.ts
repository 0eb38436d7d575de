/** For tests only: Python with PyTorch where it is installed, and the folder of our example for it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const pytorchExample = fileURLToPath(new URL('../../examples/pytorch', import.meta.url));

/** The first that has PyTorch: the one on the path, or the system's own (Debian's python3-torch). */
export const interpreter = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import torch, numpy']).status === 0,
);

/** Suffix of a `describe` title where there is none. */
export const pytorchNote = interpreter ? '' : ' (skipped: needs python3 with torch and numpy)';
