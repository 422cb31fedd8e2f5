import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { endSession, type SessionEntry, sessionsKey, sessionsQuery } from "@/api/sessions";
import type { Column } from "@/components/data-table";
import { describeError } from "@/components/describe-error";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

/** Where this account is signed in, with a way to end each but the one at hand. */
export function Sessions() {
  const queryClient = useQueryClient();
  const sessions = useQuery(sessionsQuery());

  const end = useMutation({
    mutationFn: endSession,
    onSuccess: async () => {
      toast.success(t("sessions.ended"));
      await queryClient.invalidateQueries({ queryKey: sessionsKey });
    },
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
  });

  const columns: Column<SessionEntry>[] = [
    {
      id: "agent",
      header: t("sessions.device"),
      cell: ({ userAgent, ip, current }) => (
        <span className="grid gap-0.5">
          <span className="flex flex-wrap items-center gap-2 font-medium">
            {ip}
            {current && <Badge tone="accent">{t("sessions.current")}</Badge>}
          </span>
          <span className="text-ink-soft text-xs [overflow-wrap:anywhere]">{userAgent}</span>
        </span>
      ),
      skeleton: "w-48",
      card: "title",
    },
    {
      id: "created",
      header: t("sessions.begun"),
      cell: ({ created }) => <Moment value={created} />,
      className: "w-36 whitespace-nowrap text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
    {
      id: "expires",
      header: t("sessions.expires"),
      cell: ({ expires }) => <Moment value={expires} />,
      className: "w-36 whitespace-nowrap text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: ({ id, current, ip }) =>
        !current && (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("sessions.end", { ip })}
            onClick={() => end.mutate(id)}
          >
            <LogOut aria-hidden />
          </Button>
        ),
      className: "w-14 text-right",
      skeleton: "w-6",
      card: "aside",
    },
  ];

  return (
    <ListSection
      title={t("sessions.title")}
      text={t("sessions.text")}
      query={sessions}
      columns={columns}
      rowKey={({ id }) => id}
      usually={2}
    />
  );
}
