type Write = (message: string, fields?: { [name: string]: unknown }) => void;

/** The plugin's own log. `world.wit` has to import `tinybase:plugin/log@0.1.0`. */
export const log: { debug: Write; info: Write; warn: Write; error: Write };
