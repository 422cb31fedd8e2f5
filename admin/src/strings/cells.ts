/** Texts of editing in the table and of two people who edit the same. */
export const cells = {
  "cell.edit": "Edit {field}",
  "cell.hint": "Double click or Enter to edit",
  "cell.keys": "Enter saves, Tab goes on, Esc cancels",
  "cell.saved": "{field} saved",
  "cell.conflict": "Somebody has just changed this to:",
  "cell.keepTheirs": "Keep theirs",
  "cell.overwrite": "Overwrite with mine",

  "conflict.title": "This record was changed meanwhile",
  "conflict.text": "Nothing is saved yet. Choose what to keep of each field that both of you have changed.",
  "conflict.mine": "Mine",
  "conflict.theirs": "Theirs",
  "conflict.both": "Both",
  "conflict.allMine": "All of mine",
  "conflict.allTheirs": "All of theirs",
  "conflict.others": "Also changed by others, and kept as it is: {names}",
  "conflict.back": "Keep editing",
  "conflict.save": "Save this",
} as const;
