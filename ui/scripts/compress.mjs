// Writes a Brotli copy beside every text file, which the server sends to browsers that take it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const dist = fileURLToPath(new URL("../../src/fanfold/web/static", import.meta.url));
const worthIt = /\.(js|css|svg)$/;

for (const item of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!item.isFile() || !worthIt.test(item.name)) continue;
  const path = join(item.parentPath, item.name);
  const content = readFileSync(path);
  const packed = brotliCompressSync(content);
  if (packed.length < content.length) writeFileSync(`${path}.br`, packed);
}
