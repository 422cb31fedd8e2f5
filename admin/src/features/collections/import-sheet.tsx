import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FileJson } from "lucide-react";
import { useId, useRef, useState } from "react";
import { collectionsQuery, importCollections, keys } from "@/api/queries";
import { JsonField } from "@/components/json-field";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { DialogFooter } from "@/ui/dialog";
import { Label } from "@/ui/label";
import { Sheet, SheetContent } from "@/ui/sheet";
import { toast } from "@/ui/toast";
import { ChangeList } from "./change-list";
import { Complaints } from "./complaints";
import { Migration } from "./migration";
import { type ImportItem, type ImportPlan, planImport } from "./transfer";

/** Definitions from a file or a paste, compared with what is there before anything happens. */
export function ImportSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} onOpenChange={(next) => !next && onClose()}>
      <SheetContent title={t("import.title")} description={t("import.text")} closeLabel={t("action.close")}>
        <ImportForm onClose={onClose} />
      </SheetContent>
    </Sheet>
  );
}

function ImportForm({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [skipped, setSkipped] = useState<string[]>([]);
  const [deleteMissing, setDeleteMissing] = useState(false);
  const collections = useQuery(collectionsQuery());

  const plan = text.trim() === "" ? null : planImport(text, collections.data ?? [], deleteMissing);
  const chosen = plan?.items.filter(({ name, kind }) => kind !== "same" && !skipped.includes(name)) ?? [];
  const deletes = deleteMissing && plan !== null && plan.missing.length > 0;

  // To delete what is missing the server has to see all that is to stay.
  const sent = (deletes ? (plan?.items ?? []) : chosen).map(({ definition }) => definition);

  const send = useMutation({
    mutationFn: () => importCollections(sent, deletes),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.collections });
      toast.success(t("import.done", { count: chosen.length }));
      onClose();
    },
  });

  const skip = (name: string) =>
    setSkipped(skipped.includes(name) ? skipped.filter((each) => each !== name) : [...skipped, name]);

  return (
    <>
      <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto px-4 py-5 sm:px-6">
        <Complaints error={send.error} onRetry={() => send.mutate()} />
        <JsonField
          label={t("import.json")}
          help={t("import.jsonHelp")}
          error={text.trim() !== "" && plan === null ? t("import.unreadable") : undefined}
          aside={
            <Button size="sm" onClick={() => input.current?.click()}>
              <FileJson aria-hidden />
              {t("import.file")}
            </Button>
          }
          minLines={6}
          value={text}
          onChange={setText}
        />
        <input
          ref={input}
          type="file"
          accept="application/json,.json"
          tabIndex={-1}
          className="sr-only"
          aria-label={t("import.input")}
          onChange={(event) => {
            void event.target.files?.[0]?.text().then(setText);
            event.target.value = "";
          }}
        />
        {plan && (
          <Plan
            plan={plan}
            skipped={skipped}
            onSkip={skip}
            deleteMissing={deleteMissing}
            onDeleteMissing={setDeleteMissing}
          />
        )}
        {sent.length > 0 && <Migration wish={{ collections: sent, deleteMissing: deletes }} />}
      </div>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
        <Button
          variant={deletes ? "danger" : "primary"}
          disabled={chosen.length === 0 && !deletes}
          pending={send.isPending}
          onClick={() => send.mutate()}
        >
          {t("import.submit", { count: chosen.length })}
        </Button>
      </DialogFooter>
    </>
  );
}

const tones = { added: "success", changed: "accent", same: "outline" } as const;
const labels = { added: "import.added", changed: "import.changed", same: "import.same" } as const;

interface PlanProps {
  plan: ImportPlan;
  skipped: string[];
  onSkip: (name: string) => void;
  deleteMissing: boolean;
  onDeleteMissing: (on: boolean) => void;
}

function Plan({ plan, skipped, onSkip, deleteMissing, onDeleteMissing }: PlanProps) {
  const missingId = useId();
  return (
    <div className="grid gap-3">
      <ul aria-label={t("import.plan")} className="divide-y divide-line rounded-lg border border-line">
        {plan.items.map((item) => (
          <PlanItem
            key={item.name}
            item={item}
            chosen={!skipped.includes(item.name)}
            locked={deleteMissing}
            onToggle={() => onSkip(item.name)}
          />
        ))}
      </ul>
      {plan.missing.length > 0 && (
        <Alert
          tone={deleteMissing ? "danger" : "info"}
          title={t("import.missing", { names: plan.missing.map(({ name }) => name).join(", ") })}
          actions={
            <>
              <Checkbox
                id={missingId}
                checked={deleteMissing}
                onCheckedChange={(on) => onDeleteMissing(on === true)}
              />
              <Label htmlFor={missingId}>{t("import.deleteMissing")}</Label>
            </>
          }
        />
      )}
    </div>
  );
}

interface PlanItemProps {
  item: ImportItem;
  chosen: boolean;
  locked: boolean;
  onToggle: () => void;
}

function PlanItem({ item: { name, kind, changes }, chosen, locked, onToggle }: PlanItemProps) {
  const id = useId();
  return (
    <li className="grid gap-2.5 px-3.5 py-3">
      <div className="flex items-center gap-2.5">
        <Checkbox
          id={id}
          checked={kind !== "same" && (chosen || locked)}
          disabled={kind === "same" || locked}
          onCheckedChange={onToggle}
        />
        <Label htmlFor={id} className="min-w-0 flex-1 truncate">
          {name}
        </Label>
        <Badge tone={tones[kind]}>{t(labels[kind])}</Badge>
      </div>
      {changes.length > 0 && (chosen || locked) && (
        <div className="pl-7">
          <ChangeList changes={changes} label={t("import.changesOf", { name })} />
        </div>
      )}
    </li>
  );
}
