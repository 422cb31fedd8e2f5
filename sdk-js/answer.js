// How a hook's answer reaches the host: as one text, which `host/src/plugins/wrap/text.c` tells apart. It is a letter and what belongs
// to it: "U" for nothing, "F" for fields, "T" for one field whose value is the rest of the text behind a comma, "I" for errors on fields, "D" for a refusal with a status, "E" for the errors of a
// validator, "S" for a failure. Numbers end in a comma, and texts begin with their length.

import { first, halvesOf, isAnother, isPlain, kindOf, others, written } from "./wire.js";

/** The fields of the draft that were changed. */
export function changes() {
  if (first === null) return "F0,";
  const value = written[first];
  // Most hooks write one text. The comma behind the name keeps half a character at its end apart from one at the beginning of the value.
  if (others === null && isPlain(value)) return "T" + first.length + "," + first + "," + value;
  let count = 0;
  let fields = "";
  const change = (name) => {
    const value = written[name];
    const one = isPlain(value) || isAnother(name, value) ? field(name, value, kindOf(name)) : "";
    if (one === "") return;
    count++;
    fields += one;
  };
  change(first);
  // A getter or a `toJSON` may write to fields that were not touched before: these come behind.
  for (let at = 0; others !== null && at < others.length; at++) change(others[at]);
  return `F${count},${fields}`;
}

/** All fields of an object. */
export function fieldsOf(values) {
  let count = 0;
  let fields = "";
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const written = field(name, value);
    if (written === "") continue;
    count++;
    fields += written;
  }
  return `F${count},${fields}`;
}

export function mistakes(letter, errors) {
  let out = `${letter}${errors.length},`;
  for (const { field, code, message } of errors) out += text(field) + text(code) + text(message);
  return out;
}

export function refusal(refused) {
  if (refused.tag === "invalid") return mistakes("I", refused.val);
  const [status, message] = refused.val;
  return `D${status & 0xffff},${text(message)}`;
}

export function failure(words) {
  return `S${text(words)}`;
}

function text(words) {
  const whole = `${words}`;
  return `${whole.length},${whole}`;
}

// `was` is the kind of the field before, which decides where a value could be of several. What cannot be stored, such as a
// function, is left out, as JSON does.
function field(name, value, was) {
  if (typeof value === "string" && was !== "j") return `${name.length},${name}t${value.length},${value}`;
  const written = special(value, was);
  return written === "" ? "" : `${name.length},${name}${written}`;
}

function special(value, was) {
  if (was === "j") return json(value);
  if (value === null) return "z";
  switch (typeof value) {
    case "boolean":
      return value ? "b1," : "b0,";
    case "number": {
      const [low, high] = halvesOf(value);
      return `n${low},${high},`;
    }
    case "bigint":
      return `i${BigInt.asUintN(32, value)},${BigInt.asUintN(32, value >> 32n)},`;
  }
  if (value instanceof Date) return `t${text(value.toISOString().replace("T", " "))}`;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return `l${value.length},${value.map(text).join("")}`;
  }
  return json(value);
}

function json(value) {
  const whole = JSON.stringify(value);
  return whole === undefined ? "" : `j${text(whole)}`;
}
