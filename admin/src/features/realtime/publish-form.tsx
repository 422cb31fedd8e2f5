import { useMutation } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { type FormEvent, useState } from "react";
import { toApiError } from "@/api/errors";
import { publish } from "@/api/realtime-clients";
import { FormAlert } from "@/components/form-alert";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Folded } from "@/ui/folded";
import { Input } from "@/ui/input";
import { toast } from "@/ui/toast";

/** Says something on a topic of one's own, to see who hears it. */
export function PublishForm() {
  const [topic, setTopic] = useState("");
  const [text, setText] = useState('{"text": "hi"}');
  const data = parsed(text);
  const send = useMutation({
    mutationFn: () => publish(topic.trim(), data?.value),
    onSuccess: () => toast.success(t("publish.done", { topic: topic.trim() })),
  });
  const problems = send.error ? toApiError(send.error).fields : {};
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (data && topic.trim() !== "" && !send.isPending) send.mutate();
  };
  return (
    <Folded title={t("publish.title")}>
      <form noValidate className="grid gap-3" onSubmit={submit}>
        <FormAlert error={send.error} fields={["topic", "data"]} />
        <div className="grid items-start gap-3 md:grid-cols-[1fr_2fr_auto]">
          <Field label={t("publish.topic")} error={problems.topic?.message}>
            {(control) => (
              <Input
                {...control}
                className="font-mono"
                value={topic}
                onChange={({ target }) => setTopic(target.value)}
              />
            )}
          </Field>
          <Field label={t("publish.data")} error={data ? problems.data?.message : t("publish.noJson")}>
            {(control) => (
              <Input
                {...control}
                className="font-mono"
                spellCheck={false}
                value={text}
                onChange={({ target }) => setText(target.value)}
              />
            )}
          </Field>
          <Button
            type="submit"
            pending={send.isPending}
            disabled={!data || topic.trim() === ""}
            className="md:mt-[1.6875rem]"
          >
            {!send.isPending && <Send aria-hidden />}
            {t("publish.send")}
          </Button>
        </div>
      </form>
    </Folded>
  );
}

function parsed(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
