/** Where the test servers listen; `E2P_PORT` moves them all, so that two checkouts can be tested side by side. */
export const DEMO_PORT = Number(process.env.E2P_PORT ?? 5173);
export const HARNESS_PORT = DEMO_PORT + 1;
/** The demo once more, built for a mirror of the Hub. */
export const HUB_DEMO_PORT = DEMO_PORT + 2;
export const DEMO_URL = `http://localhost:${DEMO_PORT}`;
export const HARNESS_URL = `http://localhost:${HARNESS_PORT}`;
