import { expect, test } from "vitest";
import { ApiError, readFields } from "@/api/errors";
import { anAttachment, aPlugin } from "../../../tests/samples";
import { misfitsOf, misfitsOfUpload, placeOf, tabOf } from "./misfits";

const code = "validation_invalid_value";
const complaint = (pointer: string, more: object = {}) => ({
  code,
  message: pointer ? `Want string, but got number at ${pointer}.` : "Missing properties 'n'.",
  params: { pointer, ...more },
});
const data = {
  config: complaint("/n"),
  attachments: { a1: complaint("/n", { collection: "posts" }), a2: complaint("", { collection: "users" }) },
  schedules: { s1: complaint("/deep/n", { name: "nightly" }) },
  route: complaint(""),
};

function refused(fields: object, status = 400) {
  return new ApiError({ kind: "refused", status, message: "No.", fields: readFields(fields) });
}

test("a refusal is told place by place, in words", () => {
  const misfits = misfitsOf(refused(data));
  const attachments = [anAttachment({ hooks: ["beforeCreate", "unheardOf"] })];
  expect(misfits.map((misfit) => placeOf(misfit, attachments))).toEqual([
    "Configuration for all places",
    "On posts: Before create and unheardOf",
    "On users",
    "Schedule nightly",
    "Route",
  ]);
  expect(misfits.map(tabOf)).toEqual(["config", "runs", "runs", "schedules", "route"]);
  expect(misfits.map(({ pointer }) => pointer)).toEqual(["/n", "/n", "", "/deep/n", ""]);
  expect(misfits.map(({ message }) => message)).toEqual([
    "Want string, but got number.",
    "Want string, but got number.",
    "Missing properties 'n'.",
    "Want string, but got number.",
    "Missing properties 'n'.",
  ]);
});

test("what an upload does not fit is told alike", () => {
  expect(misfitsOfUpload(aPlugin({ misfits: data }))).toEqual(misfitsOf(refused(data)));
  expect(misfitsOfUpload(aPlugin({ misfits: {} }))).toEqual([]);
  expect(misfitsOfUpload(aPlugin())).toEqual([]);
});

test("nobody can insist on what is wrong for another reason", () => {
  expect(misfitsOf(null)).toEqual([]);
  expect(misfitsOf(new Error("Oops."))).toEqual([]);
  expect(misfitsOf(refused({}))).toEqual([]);
  expect(misfitsOf(refused(data, 500))).toEqual([]);
  expect(misfitsOf(refused({ ...data, share: { code, message: "Must be 1 to 100." } }))).toEqual([]);
});

test("a place that only a newer server knows keeps its name and has no link", () => {
  const [misfit] = misfitsOf(refused({ queues: { q1: complaint("/n") } }));
  expect(misfit && [placeOf(misfit), tabOf(misfit)]).toEqual(["queues.q1", null]);
});
