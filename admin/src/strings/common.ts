/** Texts of the shell and of what every screen shares. */
export const common = {
  "app.name": "Tinybase",
  "app.title": "{page} · Tinybase",
  "app.skip": "Skip to content",
  "app.toasts": "Notifications",
  "app.loading": "Loading",
  "app.loadingOf": "Loading {what}",
  "app.refreshingOf": "Refreshing {what}",

  "nav.label": "Main",
  "nav.home": "Home",
  "nav.settings": "Settings",
  "nav.collections": "Collections",
  "nav.realtime": "Realtime",
  "nav.plugins": "Plugins",
  "nav.logs": "Logs",
  "nav.sql": "SQL console",

  "user.menu": "Account of {email}",
  "user.signedInAs": "Signed in as",
  "user.signOut": "Sign out",
  "user.signOutFailed": "You are still signed in",

  "theme.label": "Theme",
  "theme.light": "Light",
  "theme.dark": "Dark",
  "theme.system": "System",

  "action.cancel": "Cancel",
  "action.close": "Close",
  "action.copy": "Copy",
  "action.copyOf": "Copy {what}",
  "action.copied": "Copied",
  "action.save": "Save",
  "action.delete": "Delete",
  "action.undo": "Undo",
  "action.retry": "Try again",
  "action.reload": "Reload",
  "action.clearSearch": "Clear search",
  "action.clearFilters": "Clear filters",
  "action.back": "Back to {place}",

  "time.now": "just now",
  "time.unknown": "Unknown",
  "value.none": "None",
  "value.yes": "Yes",
  "value.no": "No",

  "confirm.type": "Type {name} to confirm",

  "unsaved.title": "Discard your changes?",
  "unsaved.text": "What you changed here is not saved yet.",
  "unsaved.stay": "Keep editing",
  "unsaved.discard": "Discard",

  "search.shortcut": "/",
  "search.none": "Nothing matches “{text}”",
  "search.noneFiltered": "Nothing matches these filters",
  "search.noneHint": "Check the spelling, or clear the search to see everything.",
  "combobox.none": "Nothing matches",

  "password.show": "Show password",
  "password.hide": "Hide password",
  "password.capsLock": "Caps Lock is on.",

  "error.requestId": "Request {id}",
  "error.requestIdName": "request id",
  "error.network.title": "The server does not answer",
  "error.network.text":
    "Check that Tinybase is running and that this machine can reach it. Nothing you entered was lost.",
  "error.unreadable.title": "The answer could not be read",
  "error.unreadable.text":
    "Something between this browser and Tinybase answered in its place, or the answer was cut short.",
  "error.server.title": "The server failed",
  "error.server.text":
    "It ran into a problem of its own. The server’s log has the details under the request id.",
  "error.plugin.title": "A plugin failed",
  "error.plugin.text":
    "One that is attached here did not do its work, so nothing was written. Which one and why is in the logs, under the request id.",
  "error.pluginOff.title": "A plugin is stopped",
  "error.pluginOff.text":
    "One that is attached here has failed too often and is not called for a while, so nothing was written. Its figures have the way to call it again.",
  "error.busy.title": "The server is busy",
  "error.busy.text": "It asked for a moment’s patience. Try again shortly.",
  "error.limited.title": "Too many requests",
  "error.limited.text": "Wait a moment before you try again.",
  "error.limited.wait": {
    one: "Try again in {count} second.",
    other: "Try again in {count} seconds.",
  },
  "error.forbidden.title": "This is not allowed",
  "error.missing.title": "This does not exist any more",
  "error.refused.title": "The server refused",
  "error.session.title": "You are signed out",
  "error.session.text":
    "Sign in again to go on. What you have typed stays here, if you do that in another tab of this browser.",
  "error.refresh": "These may be out of date: the last refresh failed.",
  "error.page.title": "This page broke",
  "error.page.text": "That is a fault of the dashboard, not of your data. Reloading often helps.",

  "connection.lost": "Connection to the server lost.",
  "connection.next": {
    one: "Next try in {count} second.",
    other: "Next try in {count} seconds.",
  },
  "connection.trying": "Trying now…",
  "connection.retry": "Retry now",

  "missing.title": "There is no page here",
  "missing.text": "The address may be mistyped, or what it pointed to has been deleted.",
  "missing.home": "Go to the home page",
} as const;
