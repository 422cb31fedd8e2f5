import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { errorFromResponse, networkError } from "@/api/errors";
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

test("when every complaint has its input, there is nothing above the form, and the first of them gets the focus", () => {
  const error = refused({ total: complaint("Cannot be blank.") });
  const form = (thrown: Error | null) => (
    <form>
      <FormAlert error={thrown} fields={["total"]} />
      <input aria-label="number" />
      <input aria-label="total" aria-invalid={thrown ? true : undefined} />
    </form>
  );
  const { rerender } = render(form(null));
  rerender(form(error));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByLabelText("total")).toHaveFocus();
});

test("where there is no form to send again, trying again is what was asked for", async () => {
  const onRetry = vi.fn();
  render(<FormAlert error={networkError()} fields={[]} onRetry={onRetry} />);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(onRetry).toHaveBeenCalledOnce();
});
