import { expect, test } from "vitest";
import { backupSections, pathOf, sections } from "./sections";
import { bodyOf, sourceOf, storedValues, withChange, withoutPaths } from "./values";

const section = (key: string) => sections.find((each) => each.key === key) as (typeof sections)[number];
const stored = {
  smtp: { host: "mail.example", port: 587 },
  superuserIPs: ["10.0.0.1"] as never,
  sources: { "smtp.host": { origin: "variable", name: "TINYBASE_SMTP_HOST" } },
};

test("a section of one value is a section like the others for the form, and none for the server", () => {
  expect(storedValues(stored, section("superuserIPs"))).toEqual({ superuserIPs: ["10.0.0.1"] });
  expect(storedValues(stored, section("smtp"))).toEqual({ host: "mail.example", port: 587 });
  const changed = withChange({}, stored, section("superuserIPs"), "superuserIPs", ["10.0.0.2"]);
  expect(bodyOf({ ...changed, smtp: { port: 25 } }, sections)).toEqual({
    superuserIPs: ["10.0.0.2"],
    smtp: { port: 25 },
  });
});

test("a value that is what is stored again differs no more, lists too", () => {
  const changed = withChange({}, stored, section("superuserIPs"), "superuserIPs", []);
  expect(withChange(changed, stored, section("superuserIPs"), "superuserIPs", ["10.0.0.1"])).toEqual({});
});

test("paths are the server's, and so are sources", () => {
  const smtp = section("smtp");
  const [host] = smtp.fields.filter(({ key }) => key === "host");
  expect(pathOf(smtp, host as (typeof smtp.fields)[number])).toBe("smtp.host");
  expect(sourceOf(stored, "smtp.host")?.name).toBe("TINYBASE_SMTP_HOST");
  expect(sourceOf(stored, "smtp.port")).toBeUndefined();
});

test("a part of a section is a section of its own, and sent where it belongs", () => {
  const [schedule, bucket] = backupSections;
  const settings = { backups: { cron: "", cronMaxKeep: 3, s3: { enabled: false, bucket: "" } } };
  expect(storedValues(settings, bucket as (typeof sections)[number])).toEqual({ enabled: false, bucket: "" });
  expect(storedValues({}, schedule as (typeof sections)[number])).toBeUndefined();
  expect(bodyOf({ backups: { cron: "@daily" }, "backups.s3": { bucket: "b" } }, backupSections)).toEqual({
    backups: { cron: "@daily", s3: { bucket: "b" } },
  });
});

test("where others have their way nothing differs, also where a section is one value or part of another", () => {
  const changed = {
    smtp: { host: "a", port: 25 },
    superuserIPs: { superuserIPs: ["10.0.0.2"] },
    "backups.s3": { bucket: "b", secret: "hush" },
  };
  expect(withoutPaths(changed, ["smtp.host", "superuserIPs", "backups.s3.secret"])).toEqual({
    smtp: { port: 25 },
    "backups.s3": { bucket: "b" },
  });
  expect(withoutPaths(changed, ["smtp.host", "smtp.port"])).not.toHaveProperty("smtp");
});
