import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";
import { errorFromResponse, networkError } from "@/api/errors";
import { FieldError } from "@/ui/field";
import { FormAlert } from "./form-alert";

function refused(data: object) {
  const body = JSON.stringify({ status: 400, message: "Failed to create record.", data });
  return errorFromResponse(400, body, () => null);
}
const complaint = (message: string) => ({ code: "validation_x", message });

test("a complaint about what the form has no input for is read above it, the others beside their inputs", () => {
  const error = refused({ title: complaint("Needs a letter."), total: complaint("Cannot be blank.") });
  render(<FormAlert error={error} fields={["total"]} />);
  expect(screen.getByRole("alert")).toHaveTextContent("Failed to create record.");
  expect(screen.getByRole("listitem")).toHaveTextContent("title Needs a letter.");
});

/** A form whose total may be wrong; with `above`, what stands before its inputs. */
function aForm({ thrown, refused, above }: { thrown?: Error; refused?: object; above?: ReactNode }) {
  const wrong = thrown || refused ? true : undefined;
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <FormAlert error={thrown ?? null} refused={refused} fields={["total"]} />
      {above}
      <input aria-label="number" />
      <input aria-label="total" aria-invalid={wrong} />
      <input aria-label="sum" aria-invalid={wrong} />
      <button type="submit">Save</button>
    </form>
  );
}
const blank = refused({ total: complaint("Cannot be blank.") });

test("when every complaint has its input, there is nothing above the form, and the first of them gets the focus", () => {
  const { rerender } = render(aForm({}));
  rerender(aForm({ thrown: blank }));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByLabelText("total")).toHaveFocus();
});

test("a complaint that no single input is wrong by comes into view and takes no focus", async () => {
  const shown: Element[] = [];
  Element.prototype.scrollIntoView = function (this: Element) {
    shown.push(this);
  };
  const above = <FieldError id="parts">Too few.</FieldError>;
  const { rerender } = render(aForm({}));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  rerender(aForm({ thrown: blank, above }));
  expect(screen.getByRole("button", { name: "Save" })).toHaveFocus();
  expect(shown.map(({ id }) => id)).toEqual(["parts"]);
});

test.each(["{Enter}", "{Control>}s{/Control}"])(
  "who goes on to type is left there, sent by %s",
  async (keys) => {
    const { rerender } = render(aForm({}));
    await userEvent.type(screen.getByLabelText("total"), `1${keys}`);
    await userEvent.type(screen.getByLabelText("number"), "2");
    rerender(aForm({ thrown: blank }));
    expect(screen.getByLabelText("number")).toHaveFocus();
  },
);

test("who has stayed where it was sent from is taken to the first that is wrong", async () => {
  const { rerender } = render(aForm({}));
  await userEvent.type(screen.getByLabelText("number"), "1{Enter}");
  rerender(aForm({ thrown: blank }));
  expect(screen.getByLabelText("total")).toHaveFocus();
});

test("what the form itself refuses is shown in the same way, each time", async () => {
  const { rerender } = render(aForm({}));
  rerender(aForm({ refused: {} }));
  expect(screen.getByLabelText("total")).toHaveFocus();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  rerender(aForm({ refused: {} }));
  expect(screen.getByLabelText("total")).toHaveFocus();
});

test("where there is no form to send again, trying again is what was asked for", async () => {
  const onRetry = vi.fn();
  render(<FormAlert error={networkError()} fields={[]} onRetry={onRetry} />);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(onRetry).toHaveBeenCalledOnce();
});
