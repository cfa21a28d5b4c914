// Writes a .gz beside every asset that shrinks, so that the gateway never compresses while serving.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const dist = new URL("dist/", import.meta.url).pathname;
const compressible = /\.(js|css|svg|ttf)$/;
let before = 0;
let after = 0;

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name);
  if (!statSync(path).isFile() || !compressible.test(name)) continue;
  const plain = readFileSync(path);
  const packed = gzipSync(plain, { level: 9 });
  if (packed.length >= plain.length) continue;
  writeFileSync(`${path}.gz`, packed);
  before += plain.length;
  after += packed.length;
}
const megabytes = (bytes) => (bytes / 1e6).toFixed(2);
console.log(`compressed ${megabytes(before)} MB of assets to ${megabytes(after)} MB`);
