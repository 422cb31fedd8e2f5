import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { JsonSetting } from "./json-setting";

test("a schema reaches the definition once it can be read, and none at all is null", async () => {
  const seen: unknown[] = [];
  const Held = () => {
    const [value, setValue] = useState<unknown>({ type: "object" });
    return (
      <JsonSetting
        control={{ id: "x", "aria-invalid": undefined, "aria-describedby": undefined }}
        label="JSON Schema"
        value={value}
        onChange={(next) => {
          seen.push(next);
          setValue(next);
        }}
      />
    );
  };
  render(<Held />);
  const user = userEvent.setup();
  const box = screen.getByRole("textbox");
  expect(box).toHaveValue('{\n  "type": "object"\n}');
  await user.clear(box);
  expect(seen.at(-1)).toBeNull();
  await user.type(box, '{{"type": "array"');
  expect(seen.at(-1)).toBeNull();
  expect(screen.getByRole("status")).toHaveTextContent("Not valid JSON yet");
  await user.type(box, "}");
  expect(seen.at(-1)).toEqual({ type: "array" });
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
});
