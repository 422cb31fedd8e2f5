import { createMemoryHistory } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App, makeApp } from "@/app";

/** The whole dashboard at an address, as a person would open it. */
export function renderApp(address: string) {
  const history = createMemoryHistory({ initialEntries: [`/_${address}`] });
  const app = makeApp({ history, retryDelayMs: 1 });
  const { unmount } = render(<App {...app} />);
  return {
    user: userEvent.setup(),
    unmount,
    address: () => app.router.state.location.href,
    /** Has everything that is shown asked for again. */
    refetch: () => app.queryClient.invalidateQueries(),
  };
}
