/**
 * Every address of the dashboard: its page, its search parameters, what it begins to load. Pages are loaded when they are
 * needed, or when a link to them is about to be pressed.
 */
import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { attachmentsQuery, collectionsQuery, pluginsQuery, sessionQuery } from "@/api/queries";
import { settingsQuery } from "@/api/settings";
import { ErrorScreen, MissingScreen, PendingScreen, WholeErrorScreen } from "@/components/route-screens";
import { loginSearch, setupSearch } from "@/features/auth/search";
import { collectionSearch, collectionsSearch } from "@/features/collections/search";
import { logsSearch } from "@/features/logs/search";
import { pluginSearch, pluginsSearch } from "@/features/plugins/search";
import { realtimeSearch } from "@/features/realtime/search";
import { recordsSearch } from "@/features/records/search";
import { settingsSearch } from "@/features/settings/search";
import { lazyPage } from "@/lazy-page";

interface Context {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: WholeErrorScreen,
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: loginSearch,
  beforeLoad: async ({ context, search }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery());
    if (session) throw redirect({ href: search.redirect ?? "/" });
  },
  component: lazyPage(() => import("@/features/auth/login-page"), "LoginPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: setupSearch,
  component: lazyPage(() => import("@/features/auth/setup-page"), "SetupPage"),
});

const confirm = createRoute({
  getParentRoute: () => root,
  path: "/confirm/$action",
  component: lazyPage(() => import("@/features/auth/confirm-page"), "ConfirmPage"),
});

/** Where the server sends a browser that comes back from the provider of an account. */
const oauth2Success = createRoute({
  getParentRoute: () => root,
  path: "/auth/oauth2-redirect-success",
  component: lazyPage(() => import("@/features/auth/oauth2-page"), "OAuth2SuccessPage"),
});

const oauth2Failure = createRoute({
  getParentRoute: () => root,
  path: "/auth/oauth2-redirect-failure",
  component: lazyPage(() => import("@/features/auth/oauth2-page"), "OAuth2FailurePage"),
});

const Shell = lazyPage(() => import("@/features/shell/shell"), "Shell");

/** Everything below needs a session; without one, the way leads to sign in and back to where it was going. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    // The frame is fetched while the server is asked who is there.
    void Shell.preload?.()?.catch(() => {});
    const session = await context.queryClient.ensureQueryData(sessionQuery());
    if (session) return;
    const target = location.pathname === "/" ? undefined : location.href;
    throw redirect({ to: "/login", search: { redirect: target } });
  },
  component: Shell,
  errorComponent: WholeErrorScreen,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(collectionsQuery());
    void context.queryClient.prefetchQuery(pluginsQuery());
  },
  component: lazyPage(() => import("@/features/home/home-page"), "HomePage"),
});

const collections = createRoute({
  getParentRoute: () => shell,
  path: "/collections",
  validateSearch: collectionsSearch,
  loader: ({ context }) => void context.queryClient.prefetchQuery(collectionsQuery()),
  component: lazyPage(() => import("@/features/collections/collections-page"), "CollectionsPage"),
});

const collection = createRoute({
  getParentRoute: () => shell,
  path: "/collections/$name",
  validateSearch: collectionSearch,
  loader: ({ context }) => void context.queryClient.prefetchQuery(collectionsQuery()),
  component: lazyPage(() => import("@/features/collections/collection-page"), "CollectionPage"),
});

const records = createRoute({
  getParentRoute: () => shell,
  path: "/collections/$name/records",
  validateSearch: recordsSearch,
  loader: ({ context }) => void context.queryClient.prefetchQuery(collectionsQuery()),
  component: lazyPage(() => import("@/features/records/records-page"), "RecordsPage"),
});

const realtime = createRoute({
  getParentRoute: () => shell,
  path: "/realtime",
  validateSearch: realtimeSearch,
  loader: ({ context }) => void context.queryClient.prefetchQuery(collectionsQuery()),
  component: lazyPage(() => import("@/features/realtime/realtime-page"), "RealtimePage"),
});

const logs = createRoute({
  getParentRoute: () => shell,
  path: "/logs",
  validateSearch: logsSearch,
  component: lazyPage(() => import("@/features/logs/logs-page"), "LogsPage"),
});

const sql = createRoute({
  getParentRoute: () => shell,
  path: "/sql",
  loader: ({ context }) => void context.queryClient.prefetchQuery(collectionsQuery()),
  component: lazyPage(() => import("@/features/sql/sql-page"), "SqlPage"),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  validateSearch: settingsSearch,
  loader: ({ context }) => void context.queryClient.prefetchQuery(settingsQuery()),
  component: lazyPage(() => import("@/features/settings/settings-page"), "SettingsPage"),
});

const plugins = createRoute({
  getParentRoute: () => shell,
  path: "/plugins",
  validateSearch: pluginsSearch,
  loader: ({ context }) => void context.queryClient.prefetchQuery(pluginsQuery()),
  component: lazyPage(() => import("@/features/plugins/plugins-page"), "PluginsPage"),
});

const plugin = createRoute({
  getParentRoute: () => shell,
  path: "/plugins/$id",
  validateSearch: pluginSearch,
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(pluginsQuery());
    void context.queryClient.prefetchQuery(attachmentsQuery(params.id));
    void context.queryClient.prefetchQuery(collectionsQuery());
  },
  component: lazyPage(() => import("@/features/plugins/plugin-page"), "PluginPage"),
});

/** What no other address is: whoever is signed in finds on from there, whoever is not signs in first. */
const missing = createRoute({ getParentRoute: () => shell, path: "$", component: MissingScreen });

const routeTree = root.addChildren([
  login,
  setup,
  confirm,
  oauth2Success,
  oauth2Failure,
  shell.addChildren([
    home,
    collections,
    collection,
    records,
    realtime,
    logs,
    sql,
    plugins,
    plugin,
    settings,
    missing,
  ]),
]);

export function makeRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    basepath: "/_",
    context: { queryClient },
    defaultPreload: "intent",
    // The query cache decides what is fresh; the router only says when to ask.
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: PendingScreen,
    defaultErrorComponent: ErrorScreen,
    scrollRestoration: true,
    // Plain `?name=text`, not the router's JSON: a token of digits must stay the text that it is.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const set = Object.entries(search).filter(([, value]) => value !== undefined);
      const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
      return text && `?${text}`;
    },
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
