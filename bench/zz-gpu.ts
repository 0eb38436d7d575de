import { gpuCallsInChromium } from './generate-chromium.ts';
import { keepSpeedIn } from './generate-results.ts';

await gpuCallsInChromium(
  '.cache/bench/random-49152-4-128',
  'random weights, V = 49,152, 4 layers of 128',
  (run) => keepSpeedIn('/tmp/w-a/out', run),
);
