import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { someLimits } from "../../../tests/samples";
import { EffectiveLimits } from "./effective-limits";

test("moments that get the same share a line, and what nothing may be done with is left out", () => {
  const before = someLimits({ fuelPerKib: 200_000, handles: 256 });
  const pure = someLimits({ hostCalls: 0, logBytes: 0, fuelPerKib: 0, wallMs: 10 });
  render(
    <EffectiveLimits
      limits={{ beforeCreate: before, beforeUpdate: before, validate: pure }}
      changed={false}
    />,
  );
  const lines = within(screen.getByRole("region", { name: "What a call gets:" })).getAllByRole("listitem");
  expect(lines.map((line) => line.textContent)).toEqual([
    "Before create and Before update: 10,000,000 fuel, 200,000 more per KiB of input · 50 ms · 16 MiB of memory · 64 calls of the host · 1 MB in each of them · 256 handles · 66 kB of log",
    "Validate: 10,000,000 fuel · 10 ms · 16 MiB of memory · no calls of the host",
  ]);
});

test("a place without moments says nothing", () => {
  const { container } = render(<EffectiveLimits limits={{}} changed={false} />);
  expect(container).toBeEmptyDOMElement();
});
