/** How the names of everything begin that keeps weights in this origin: database, cache, folder, locks, channels. */
export const WEIGHTS = 'e2p-weights';
