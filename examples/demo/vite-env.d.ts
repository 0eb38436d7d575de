/// <reference types="vite/client" />

/** Put in by `serve-llm.ts`. */
declare const __REAL_LLM__: import('./serve-llm.ts').RealLlm;
