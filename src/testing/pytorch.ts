/** For tests only: Python with PyTorch where it is installed, and the folder of our example for it. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const pytorchExample = fileURLToPath(new URL('../../examples/pytorch', import.meta.url));

/** The first that can import them: the one on the path, or the system's own (Debian's python3-torch). */
const withPackages = (...names: readonly string[]) =>
  ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', `import ${names.join(', ')}`]).status === 0,
  );

/** Enough for the projector and its file. */
export const interpreter = withPackages('torch', 'numpy');

/** Has a base model too. Slow to ask, so only whoever needs one does. */
export const withTransformers = () => interpreter && withPackages('torch', 'numpy', 'transformers');

/** Suffix of a `describe` title where there is none. */
export const pytorchNote = interpreter ? '' : ' (skipped: needs python3 with torch and numpy)';
