/** The files of records, within the grants for records. `world.wit` has to import `tinybase:plugin/files@0.1.0`. */
export const files: {
  /** A stored file, by the name that the record's field holds. */
  read(collection: string, id: string, name: string): Uint8Array;
  readText(collection: string, id: string, name: string): string;
  /** Puts a file into a file field; a field of one file drops the one it had, one of several the one of that name. Under the
   * name of a file that the call has read, it replaces that one and nothing else: `conflict` when the record has it no more. */
  write(collection: string, id: string, field: string, name: string, content: string | Uint8Array): void;
};
