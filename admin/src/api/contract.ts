/**
 * What the description of the API says, as types: its paths, what they take and what they answer. `schema.gen.ts` is made of
 * `/api/openapi.json` by `npm run api`; nothing of either is there at run time.
 */
import type { components, paths } from "@/api/schema.gen";

/** The shapes by their names in the description. */
export type Schemas = components["schemas"];

type Verb = "get" | "post" | "put" | "patch" | "delete";

/** The paths that have a verb. */
export type PathOf<V extends Verb> = {
  [P in keyof paths]: paths[P][V] extends object ? P : never;
}[keyof paths];

export type Operation<V extends Verb, P extends PathOf<V>> = P extends keyof paths ? paths[P][V] : never;

/** What a form is sent to: a POST where there is one, else a PATCH. */
export type FormPath = PathOf<"post"> | PathOf<"patch">;
export type FormOperation<P extends FormPath> =
  P extends PathOf<"post"> ? Operation<"post", P> : P extends PathOf<"patch"> ? Operation<"patch", P> : never;

export type Answer<O> = O extends { responses: { 200: { content: { "application/json": infer T } } } }
  ? T
  : undefined;

/** The values of the places of a path. */
export type PathPart<O> = O extends { parameters: { path: infer P } }
  ? { path: { [K in keyof P]: string } }
  : { path?: undefined };

/** Parameters are texts on the way; those that are not set are left out. */
export type QueryPart<O> = O extends { parameters: { query?: infer Q } }
  ? { query?: { [K in keyof Q]?: string | number | boolean | undefined } }
  : { query?: undefined };

export type BodyPart<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: B }
  : { body?: undefined };
