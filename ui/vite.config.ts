import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = process.env.FANFOLD_API ?? "http://127.0.0.1:8000";
const apiPaths = ["/auth", "/workflows", "/instances", "/batch", "/health"];

export default defineConfig({
  base: "/ui/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: Object.fromEntries(apiPaths.map((path) => [path, api])) },
  build: {
    outDir: "../src/fanfold/web/static",
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
  },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
  },
});
