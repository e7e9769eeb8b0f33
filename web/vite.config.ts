import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

const bundle = fileURLToPath(new URL("../src/arterial/report/assets/bundle", import.meta.url));

// One classic script and one style sheet: both are inlined, so that the page opens from file://.
export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    outDir: bundle,
    emptyOutDir: true,
    cssMinify: true,
    lib: {
      entry: "src/main.ts",
      name: "ArterialReport",
      formats: ["iife"],
      fileName: () => "report.js",
      cssFileName: "report",
    },
  },
});
