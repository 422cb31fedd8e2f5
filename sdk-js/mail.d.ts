/** Mails to whom an admin granted it. `world.wit` has to import `tinybase:plugin/mail@0.1.0`. */
export const mail: {
  /**
   * Puts a mail for each address into the server's queue; in a before-hook with the commit of the write. `html` stands
   * between `<body>` and `</body>`, and is made of the text when there is none.
   */
  send(letter: { to: string | string[]; subject: string; text: string; html?: string | null }): void;
};
