import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { type FormEvent, useState } from "react";
import { canCarry, type Exchange, exchange } from "@/api/exchange";
import { keys } from "@/api/queries";
import { CopyButton } from "@/components/copy-button";
import { FormAlert } from "@/components/form-alert";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Field } from "@/ui/field";
import { Input, verbatim } from "@/ui/input";
import { Select } from "@/ui/select";
import { Textarea } from "@/ui/textarea";
import { AsField } from "./as-field";
import { exchangeAsCurl } from "./exchange-curl";
import { RouteAnswer } from "./route-answer";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/** Sends a request to a plugin's route, and shows what came back. */
export function RouteTry({ path }: { path: string | null }) {
  const [method, setMethod] = useState("GET");
  const [below, setBelow] = useState("");
  const [body, setBody] = useState("");
  const [contentType, setContentType] = useState("application/json");
  const [asGuest, setAsGuest] = useState(false);
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: (request: Exchange) => exchange(request),
    // To call a plugin is to load it.
    onSettled: () => void queryClient.invalidateQueries({ queryKey: keys.plugins, exact: true }),
  });
  const request = { method, path: placeOf(path ?? "", below), body, contentType, asGuest };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (path && !attempt.isPending) attempt.mutate(request);
  };
  return (
    <Card className="grid grid-cols-[minmax(0,1fr)] content-start gap-5 p-4 sm:p-5">
      <header className="grid gap-0.5">
        <h3 className="font-medium">{t("route.try")}</h3>
        <p className="text-ink-soft text-sm">{t(path ? "route.tryText" : "route.tryFirst")}</p>
      </header>
      <form noValidate className="grid grid-cols-[minmax(0,1fr)] gap-4" onSubmit={submit}>
        <FormAlert error={attempt.error} fields={[]} />
        <div className="grid grid-cols-[7rem_minmax(0,1fr)] items-start gap-3">
          <Field label={t("route.method")}>
            {(control) => (
              <Select {...control} value={method} onChange={({ target }) => setMethod(target.value)}>
                {methods.map((each) => (
                  <option key={each} value={each}>
                    {each}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field label={t("route.below")} help={path ? t("route.belowHelp", { path }) : undefined}>
            {(control) => (
              <Input
                {...control}
                className="font-mono"
                {...verbatim}
                value={below}
                onChange={({ target }) => setBelow(target.value)}
              />
            )}
          </Field>
        </div>
        {canCarry(method) && (
          <>
            <Field label={t("route.type")}>
              {(control) => (
                <Input
                  {...control}
                  className="font-mono"
                  value={contentType}
                  onChange={({ target }) => setContentType(target.value)}
                />
              )}
            </Field>
            <Field label={t("route.body")}>
              {(control) => (
                <Textarea
                  {...control}
                  rows={4}
                  className="font-mono text-base sm:text-[0.8125rem]"
                  spellCheck={false}
                  value={body}
                  onChange={({ target }) => setBody(target.value)}
                />
              )}
            </Field>
          </>
        )}
        <AsField asGuest={asGuest} onChange={setAsGuest} />
        <div className="flex items-center gap-2">
          <Button type="submit" variant="primary" pending={attempt.isPending} disabled={!path}>
            {!attempt.isPending && <Send aria-hidden />}
            {t("route.send")}
          </Button>
          {path && (
            <span className="inline-flex items-center text-ink-soft text-xs">
              {t("route.asCurl")}
              <CopyButton
                value={exchangeAsCurl(window.location.origin, request)}
                what={t("route.asCurlWhat")}
              />
            </span>
          )}
        </div>
      </form>
      {attempt.data && <RouteAnswer answer={attempt.data} />}
    </Card>
  );
}

/** The route with what is asked of it: a path, a query or both. */
export function placeOf(path: string, below: string): string {
  const rest = below.trim();
  if (rest === "" || rest === "/") return path;
  return rest.startsWith("/") || rest.startsWith("?") ? path + rest : `${path}/${rest}`;
}
