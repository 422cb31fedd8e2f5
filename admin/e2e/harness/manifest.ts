/** Components that say more of themselves than what was built: a manifest behind them, which is a section of its own. */
import { readFileSync } from "node:fs";
import { pluginFile } from "./server";

const section = Buffer.from("tinybase:manifest");

/** The bytes of a component with a manifest of the test. */
export function withManifest(manifest: object, file = pluginFile()): Buffer {
  const body = Buffer.concat([Buffer.from([section.length]), section, Buffer.from(JSON.stringify(manifest))]);
  return Buffer.concat([readFileSync(file), Buffer.from([0, ...leb128(body.length)]), body]);
}

/** An unsigned number as WebAssembly writes it, seven bits a byte. */
function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb128(Math.floor(value / 128))];
}
