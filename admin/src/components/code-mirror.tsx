/** The editor itself, fetched when one is shown for the first time. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import {
  bracketMatching,
  HighlightStyle,
  StreamLanguage,
  type StringStream,
  syntaxHighlighting,
} from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import type { CodeEditorProps } from "@/components/code-editor";

const sqlWords =
  /^(?:select|from|where|and|or|not|null|is|in|as|on|join|left|inner|outer|group|order|by|having|limit|offset|union|all|distinct|case|when|then|else|end|with|asc|desc|like|between|exists|cast|create|unique|index|insert|into|values|update|set|delete|returning|explain|pragma)\b/i;

/** Tokens of rules and of SQL, as far as colours need them. */
function tokens(words: RegExp, comment: RegExp) {
  return StreamLanguage.define({
    token(stream: StringStream) {
      if (stream.eatSpace()) return null;
      if (stream.match(comment)) return "comment";
      if (stream.match(/^'(?:[^'\\]|\\.)*'?/) || stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
      if (stream.match(/^-?\d+(?:\.\d+)?/)) return "number";
      if (stream.match(words)) return "keyword";
      if (stream.match(/^@[\w.:]+/)) return "variableName.special";
      if (stream.match(/^[A-Za-z_#][\w.:]*(?=\()/)) return "function";
      if (stream.match(/^[A-Za-z_#][\w.:]*/)) return "variableName";
      if (stream.match(/^(?:&&|\|\||\?!?[=~]|\?[<>]=?|!=|!~|[<>]=?|[=~])/)) return "operator";
      stream.next();
      return null;
    },
  });
}

const languages: Record<CodeEditorProps["language"], () => Extension> = {
  json,
  rule: () => tokens(/^(?:true|false|null)\b/i, /^\/\/.*/),
  sql: () => tokens(sqlWords, /^--.*/),
};

const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--color-ink-soft)", fontStyle: "italic" },
  { tag: [tags.string], color: "var(--color-success)" },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: "var(--color-warning)" },
  { tag: [tags.special(tags.variableName), tags.propertyName], color: "var(--color-accent)" },
  { tag: [tags.operator, tags.function(tags.variableName)], color: "var(--color-danger)" },
]);

const look = EditorView.theme({
  "&": { fontSize: "0.8125rem", backgroundColor: "transparent", color: "var(--color-ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-mono)",
    lineHeight: "1.375rem",
    maxHeight: "22rem",
    overflow: "auto",
  },
  ".cm-content": { padding: "0.5rem 0", caretColor: "var(--color-ink)" },
  ".cm-line": { padding: "0 0.75rem" },
  ".cm-cursor": { borderLeftColor: "var(--color-ink)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklch, var(--color-accent) 24%, transparent) !important",
  },
  ".cm-placeholder": { color: "var(--color-ink-soft)" },
  ".cm-matchingBracket": { backgroundColor: "var(--color-hover) !important" },
  ".cm-tooltip": {
    backgroundColor: "var(--color-surface)",
    border: "1px solid var(--color-line)",
    borderRadius: "0.5rem",
    boxShadow: "var(--shadow-float)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", maxHeight: "14rem" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "0.2rem 0.6rem", color: "var(--color-ink)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--color-hover)",
    color: "var(--color-ink)",
  },
  ".cm-completionDetail": { color: "var(--color-ink-soft)", fontStyle: "normal", marginLeft: "0.75rem" },
  ".cm-diagnostic": { padding: "0.25rem 0.6rem", fontFamily: "var(--font-sans)", color: "var(--color-ink)" },
});

export function CodeMirror(props: CodeEditorProps) {
  const { value, language, label, control, diagnostics, readOnly = false, minLines = 3, placeholder } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  // What the editor calls is read when it is called, so that a new function does not mean a new editor.
  const latest = useRef(props);
  latest.current = props;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; the effects below keep it current.
  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          history(),
          closeBrackets(),
          bracketMatching(),
          autocompletion({
            icons: false,
            maxRenderedOptions: 60,
            override: [
              (context) => {
                const found = latest.current.complete?.(context.state.doc.toString(), context.pos);
                if (!found || (found.from === context.pos && !context.explicit)) return null;
                return {
                  from: found.from,
                  options: found.options.map(({ label, detail, info, kind }) => ({
                    label,
                    detail,
                    info,
                    type: kind,
                  })),
                };
              },
            ],
          }),
          keymap.of([
            {
              key: "Mod-Enter",
              run: () => {
                latest.current.onSubmit?.();
                return latest.current.onSubmit !== undefined;
              },
            },
          ]),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          languages[language](),
          syntaxHighlighting(colours),
          look,
          EditorView.lineWrapping,
          placeholder ? placeholderText(placeholder) : [],
          EditorState.readOnly.of(readOnly),
          attributes.of(EditorView.contentAttributes.of(contentAttributes(label, control))),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const length = editor.state.doc.length;
    const marks = (diagnostics ?? []).map((mark) => ({
      ...mark,
      from: Math.min(mark.from, length),
      to: Math.min(Math.max(mark.to, mark.from + 1), length),
    }));
    editor.dispatch(setDiagnostics(editor.state, marks));
  }, [diagnostics]);

  const { id, "aria-invalid": invalid, "aria-describedby": described } = control ?? {};
  useEffect(() => {
    const given = id ? { id, "aria-invalid": invalid, "aria-describedby": described } : undefined;
    view.current?.dispatch({
      effects: attributes.reconfigure(EditorView.contentAttributes.of(contentAttributes(label, given))),
    });
  }, [label, id, invalid, described]);

  return (
    <div
      ref={host}
      data-invalid={invalid || undefined}
      className="overflow-hidden rounded-lg border border-line-strong bg-surface shadow-lift focus-within:border-accent focus-within:outline-2 focus-within:outline-accent hover:border-ink-soft data-invalid:border-danger"
      style={{ minHeight: `${minLines * 1.375 + 1}rem` }}
    />
  );
}

const attributes = new Compartment();

function contentAttributes(label: string, control: CodeEditorProps["control"]): Record<string, string> {
  return {
    "aria-label": label,
    ...(control && { id: control.id }),
    ...(control?.["aria-invalid"] && { "aria-invalid": "true" }),
    ...(control?.["aria-describedby"] && { "aria-describedby": control["aria-describedby"] }),
  };
}
