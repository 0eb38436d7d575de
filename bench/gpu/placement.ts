/** What onnxruntime's own log, at its most verbose, tells of where the nodes of a session run. */

/** Type and name of the nodes that are left to the CPU, and copies between devices. @throws Error where the log does not tell */
export function nodesOnCpu(log: string): string[] {
  if (!/placed on \[/.test(log)) throw new Error('onnxruntime did not say where it placed the nodes');
  const sections = log.matchAll(
    /placed on \[CPUExecutionProvider\][^\n]*\n((?:.*\n)*?)(?=.*placed on \[|.*SaveMLValue|$)/g,
  );
  const named = [...sections].flatMap(([, section]) =>
    [...section!.matchAll(/\b(\w+) \(([^)]*)\)/g)].map((m) => `${m[1]} ${m[2]}`),
  );
  const copies = [...log.matchAll(/Add(?:ing)? (Memcpy\w+)[^\n]*/g)].map((m) => m[0]);
  return [...new Set([...named, ...copies])];
}
