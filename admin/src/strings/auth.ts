/** Texts of signing in and of the first run. */
export const auth = {
  "login.title": "Sign in",
  "login.text": "Use your superuser account.",
  "login.email": "E-mail",
  "login.password": "Password",
  "login.submit": "Sign in",
  "login.submitting": "Signing in",
  "login.wrong.title": "E-mail or password is wrong",
  "login.wrong.text": "Check both and try again.",
  "login.expired": "Your session has ended. Sign in to go on where you were.",
  "login.forgot": "Forgot the password?",
  "login.forgotText": "Whoever can reach the server’s console can set a new one:",
  "login.forgotCommand": "tinybase superuser upsert EMAIL PASSWORD --dir DIR",

  "setup.title": "Create the first account",
  "setup.text": "This superuser can see and change everything on this server.",
  "setup.email": "E-mail",
  "setup.password": "Password",
  "setup.passwordHelp": "At least {count} characters. A sentence is easy to keep in mind and hard to guess.",
  "setup.passwordConfirm": "Password again",
  "setup.submit": "Create account",
  "setup.submitting": "Creating account",
  "setup.done": "Welcome to Tinybase",
  "setup.noToken.title": "The set-up link is incomplete",
  "setup.noToken.text":
    "Tinybase prints a one-time link when it starts without any superuser. Open that link in full, or create the account on the console:",
  "setup.refused.title": "This link does not work any more",
  "setup.refused.text":
    "A set-up link can be used once, and only while there is no superuser. Restart the server for a new link, or sign in if the account exists.",
  "setup.command": "tinybase superuser upsert EMAIL PASSWORD --dir DIR",
  "setup.toLogin": "Go to sign in",

  "form.email.required": "Enter your e-mail address.",
  "form.email.invalid": "This is not an e-mail address.",
  "form.password.required": "Enter your password.",
  "form.password.short": "Use at least {count} characters.",
  "form.passwordConfirm.different": "The two passwords differ.",
} as const;
