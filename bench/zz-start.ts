import { openBenchPage, serveFolder } from './chromium-page.ts';
import { startsInChromium } from './generate-start.ts';

const name = serveFolder(process.argv[2]!);
await using c = await openBenchPage({ isIsolated: false });
const med = (v: readonly number[]) => v.toSorted((a, b) => a - b)[v.length >> 1]!;
for (const { who, phases, peak } of await startsInChromium(c, name, 'the grey heron stands')) {
  const n = peak.length;
  console.log(
    who,
    Object.fromEntries(Object.entries(phases).map(([k, v]) => [k, Math.round(med(v))])),
    'all',
    Math.round(
      med(Array.from({ length: n }, (_, i) => Object.values(phases).reduce((s, v) => s + v[i]!, 0))),
    ),
  );
}
