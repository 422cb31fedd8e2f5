/** The SQL of indexes: made from fields, and renamed along with its collection. */

const name = (text: string) => `\`${text.replaceAll("`", "")}\``;

export function indexSql(collection: string, fields: string[], unique: boolean): string {
  const index = `idx_${collection}_${fields.join("_")}`.slice(0, 60);
  return `CREATE ${unique ? "UNIQUE " : ""}INDEX ${name(index)} ON ${name(collection)} (${fields.map(name).join(", ")})`;
}

/** The same index for a copy of the collection, under a name that is not taken. */
export function indexForCopy(sql: string, copy: string, place: number): string {
  return sql.replace(
    /^(\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:IF\s+NOT\s+EXISTS\s+)?)[`"[]?[^\s`"\]]+[`"\]]?\s+ON\s+[`"[]?[^\s`"\](]+[`"\]]?/i,
    (_, begin: string) => `${begin}${name(`idx_${copy}_${place + 1}`)} ON ${name(copy)}`,
  );
}
