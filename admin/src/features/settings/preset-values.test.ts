import { expect, test } from "vitest";
import { presetValues } from "./preset-values";

const preset = (endpoint: string) => ({
  id: "x",
  name: "X",
  endpoint,
  region: "auto",
  forcePathStyle: true,
  hint: "",
});

test("region and account go into their places", () => {
  expect(presetValues(preset("https://s3.{region}.example.com"), "eu-1", "")).toEqual({
    endpoint: "https://s3.eu-1.example.com",
    region: "eu-1",
    forcePathStyle: true,
  });
  expect(presetValues(preset("https://{account}.example.com"), "auto", " 0123 ").endpoint).toBe(
    "https://0123.example.com",
  );
});

test("an endpoint with something missing is not given", () => {
  expect(presetValues(preset("https://{account}.example.com"), "auto", "")).not.toHaveProperty("endpoint");
  expect(presetValues(preset("https://{region}.example.com"), "", "")).not.toHaveProperty("endpoint");
  expect(presetValues(preset("http://127.0.0.1:9000"), "", "").endpoint).toBe("http://127.0.0.1:9000");
});
