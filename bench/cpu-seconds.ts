/** Processor time of this process so far, in whole seconds: others may want the cores too. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1e6);
}
