// The development server moves dependencies; e2p-web finds its WebAssembly beside itself. A build needs no configuration.
export default { optimizeDeps: { exclude: ['e2p-web'] } };
