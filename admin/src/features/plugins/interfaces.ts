/** The short name of an interface: `records` out of `tinybase:plugin/records@0.1.0`. */
export function interfaceName(full: string): string {
  const path = full.split("@")[0] ?? full;
  return path.slice(path.lastIndexOf("/") + 1);
}
