import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Collection } from "@/api/types";
import { CodeEditor } from "@/components/code-editor";
import { Notice } from "@/components/query-view";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Checkbox } from "@/ui/checkbox";
import { Dialog, DialogBody, DialogContent, DialogFooter } from "@/ui/dialog";
import { Field, Fieldset } from "@/ui/field";
import { Switch } from "@/ui/switch";
import { indexSql } from "./index-sql";
import type { CollectionDraft } from "./use-collection-draft";

interface IndexesEditorProps {
  draft: CollectionDraft;
  problems: Record<string, string>;
}

export function IndexesEditor({ draft, problems }: IndexesEditorProps) {
  const [adding, setAdding] = useState(false);
  const indexes = draft.collection.indexes ?? [];
  const set = (next: string[]) => draft.set({ indexes: next });

  return (
    <div className="grid gap-3">
      {indexes.length === 0 ? (
        <Notice
          icon={Plus}
          title={t("indexes.empty.title")}
          actions={
            <Button variant="primary" onClick={() => setAdding(true)}>
              <Plus aria-hidden />
              {t("indexes.add")}
            </Button>
          }
        >
          {t("indexes.empty.text")}
        </Notice>
      ) : (
        <Card className="overflow-hidden">
          <ul aria-label={t("collection.tab.indexes")} className="divide-y divide-line">
            {indexes.map((sql, index) => {
              const place = index + 1;
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: while it is edited, an index has no name but its place.
                <li key={index} className="flex items-start gap-2 p-3">
                  <div className="min-w-0 flex-1">
                    <Field label={t("indexes.one", { place })} error={problems[`indexes.${index}`]}>
                      {(control) => (
                        <CodeEditor
                          control={control}
                          label={t("indexes.one", { place })}
                          language="sql"
                          minLines={1}
                          value={sql}
                          onChange={(next) => set(indexes.map((each, at) => (at === index ? next : each)))}
                        />
                      )}
                    </Field>
                  </div>
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    aria-label={t("indexes.remove", { place })}
                    className="mt-6 hover:bg-danger-soft hover:text-danger"
                    onClick={() => set(indexes.filter((_, at) => at !== index))}
                  >
                    <Trash2 aria-hidden />
                  </Button>
                </li>
              );
            })}
          </ul>
          <div className="border-line border-t bg-sunken/60 p-2">
            <Button variant="ghost" className="w-full" onClick={() => setAdding(true)}>
              <Plus aria-hidden />
              {t("indexes.add")}
            </Button>
          </div>
        </Card>
      )}
      <AddIndex
        open={adding}
        collection={draft.collection}
        onClose={() => setAdding(false)}
        onAdd={(sql) => {
          set([...indexes, sql]);
          setAdding(false);
        }}
      />
    </div>
  );
}

interface AddIndexProps {
  open: boolean;
  collection: Collection;
  onClose: () => void;
  onAdd: (sql: string) => void;
}

/** Puts an index together from fields; what comes out can be edited as SQL. */
function AddIndex({ open, collection, onClose, onAdd }: AddIndexProps) {
  const [chosen, setChosen] = useState<string[]>([]);
  const [unique, setUnique] = useState(false);
  const sql = indexSql(collection.name, chosen, unique);
  const close = () => {
    setChosen([]);
    setUnique(false);
    onClose();
  };
  return (
    <Dialog open={open} onOpenChange={(next) => !next && close()}>
      <DialogContent
        title={t("indexes.add")}
        description={t("indexes.addText")}
        closeLabel={t("action.close")}
      >
        <DialogBody className="grid content-start gap-5">
          <Fieldset legend={t("indexes.fields")} help={t("indexes.fieldsHelp")}>
            <div className="flex flex-wrap gap-2">
              {collection.fields.map(({ name }) => (
                <label
                  key={name}
                  htmlFor={`index-${name}`}
                  className="flex min-h-8 cursor-pointer items-center gap-2 rounded-lg border border-line px-2.5 font-mono text-[0.8125rem] hover:bg-hover/55 has-data-[state=checked]:border-accent/60 has-data-[state=checked]:bg-accent-soft/60"
                >
                  <Checkbox
                    id={`index-${name}`}
                    checked={chosen.includes(name)}
                    onCheckedChange={(on) =>
                      setChosen(on ? [...chosen, name] : chosen.filter((each) => each !== name))
                    }
                  />
                  {name}
                </label>
              ))}
            </div>
          </Fieldset>
          <label htmlFor="index-unique" className="flex items-center gap-2.5 text-sm">
            <Switch id="index-unique" checked={unique} onCheckedChange={setUnique} />
            {t("indexes.unique")}
          </label>
          {chosen.length > 0 && (
            <code className="rounded-lg border border-line bg-sunken px-3 py-2 font-mono text-[0.8125rem] [overflow-wrap:anywhere]">
              {sql}
            </code>
          )}
        </DialogBody>
        <DialogFooter>
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button
            variant="primary"
            disabled={chosen.length === 0}
            onClick={() => {
              onAdd(sql);
              setChosen([]);
              setUnique(false);
            }}
          >
            {t("indexes.add")}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
