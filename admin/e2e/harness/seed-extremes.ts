/** What a screen is not drawn for: very many, very long, very wide. */

import { signedInApi } from "./seed";
import { type Server, superuser } from "./server";

const sentence =
  "A sentence that goes on, and on, because somebody has pasted a whole chapter into a field. ";
const unbroken = "averyveryverylongwordwithoutanyplacetobreakit".repeat(3);
export const longName = "customer_relationship_management_interactions_archive_2026";

/** The kinds in turn, as fields of a record that is forty wide. */
const kinds = ["text", "number", "bool", "email", "url", "date", "json", "geoPoint"];
const wide = Array.from({ length: 32 }, (_, index) => ({
  name: `${kinds[index % kinds.length]}_${index + 1}`,
  type: kinds[index % kinds.length],
}));

/** Sixty collections, one with forty fields and 2,000 records, one whose names and texts have no end. */
export async function seedExtremes(server: Server): Promise<void> {
  const api = await signedInApi(server);
  for (let index = 0; index < 56; index += 1) {
    const name = `team_${["sales", "support", "research", "logistics"][index % 4]}_${index + 1}`;
    await api.post("/api/collections", { name, type: "base", fields: [{ name: "note", type: "text" }] });
  }
  await api.post("/api/collections", {
    name: "everything",
    type: "base",
    fields: [
      { name: "title", type: "text", required: true, presentable: true },
      { name: "body", type: "editor" },
      { name: "tags", type: "select", maxSelect: 5, values: ["red", "green", "blue", "yellow", "violet"] },
      { name: "scores", type: "array", items: { type: "number" } },
      { name: "place", type: "geoPoint" },
      { name: "meaning", type: "vector", dimension: 3 },
      { name: "secret", type: "password" },
      { name: "files", type: "file", maxSelect: 5 },
      ...wide,
    ],
  });
  const row = (index: number) => ({
    title: `Row ${index + 1}`,
    body: `<p>${sentence}</p>`,
    tags: ["red", "blue"].slice(0, index % 3),
    scores: [index, index / 2],
    place: { lon: 13.4 + index / 1000, lat: 52.5 },
    ...Object.fromEntries(wide.map(({ name, type }) => [name, someValue(type ?? "", index)])),
  });
  await api.fill(
    "everything",
    Array.from({ length: 2000 }, (_, index) => row(index)),
  );
  await api.post("/api/collections", {
    name: longName,
    type: "base",
    fields: [
      {
        name: "a_field_whose_name_somebody_has_taken_from_another_system_v2",
        type: "text",
        presentable: true,
      },
      { name: "text", type: "text", max: 20_000, help: sentence.repeat(2) },
      { name: "data", type: "json", maxSize: 200_000 },
    ],
  });
  for (let index = 0; index < 3; index += 1) {
    await api.post(`/api/collections/${longName}/records`, {
      a_field_whose_name_somebody_has_taken_from_another_system_v2: index === 0 ? unbroken : sentence,
      text: sentence.repeat(60),
      data: { deep: { deeper: { deepest: Array.from({ length: 40 }, (_, n) => ({ n, sentence })) } } },
    });
  }
  await api.post("/api/collections/_superusers/records", {
    email: `somebody.with.a.very.very.long.name.indeed@subdomain.of.a.long.domain.example.com`,
    password: superuser.password,
    passwordConfirm: superuser.password,
  });
}

function someValue(kind: string, index: number): unknown {
  const values: Record<string, unknown> = {
    text: sentence.slice(0, 20 + (index % 60)),
    number: index * 1234.5,
    bool: index % 2 === 0,
    email: `person${index}@example.com`,
    url: `https://example.com/a/long/path/to/something/${index}?with=a&query=string`,
    date: "2026-11-20 09:30:00.000Z",
    json: { index, of: [1, 2, 3] },
    geoPoint: { lon: 13.4, lat: 52.5 },
  };
  return values[kind];
}
