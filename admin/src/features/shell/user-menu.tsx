import { useMutation } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { ChevronsUpDown, LogOut } from "lucide-react";
import { signOut } from "@/api/session";
import { describeError } from "@/components/describe-error";
import { ThemeItems } from "@/components/theme-menu";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { cn } from "@/ui/cn";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/ui/dropdown-menu";
import { toast } from "@/ui/toast";
import { otherPlaces } from "./places";

interface UserMenuProps {
  email: string;
  /** Only the initial, for the bar of the phone layout. */
  compact: boolean;
}

export function UserMenu({ email, compact }: UserMenuProps) {
  const router = useRouter();

  const leave = useMutation({
    mutationFn: signOut,
    // A fresh document: nothing that this account saw stays in memory.
    onSuccess: () => window.location.assign(router.buildLocation(paths.login()).publicHref),
    onError: (error) =>
      toast.error(t("user.signOutFailed"), {
        description: describeError(error).text,
        action: { label: t("action.retry"), onClick: () => leave.mutate() },
      }),
  });

  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        className={cn(
          "flex min-w-0 items-center gap-2.5 rounded-lg p-1.5 text-left transition-colors hover:bg-hover data-[state=open]:bg-hover",
          !compact && "max-lg:justify-center",
        )}
      >
        <span
          aria-hidden
          className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent text-xs uppercase"
        >
          {email.slice(0, 1)}
        </span>
        <span className="sr-only">{t("user.menu", { email })}</span>
        {!compact && (
          <>
            <span aria-hidden className="min-w-0 flex-1 truncate text-[0.8125rem] max-lg:hidden">
              {email}
            </span>
            <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-soft max-lg:hidden" />
          </>
        )}
      </DropdownMenuTrigger>
      <DropdownMenuContent align={compact ? "end" : "start"} side={compact ? "bottom" : "top"}>
        <DropdownMenuLabel>
          {t("user.signedInAs")}
          <span className="block max-w-56 truncate font-medium text-ink text-sm">{email}</span>
        </DropdownMenuLabel>
        <DropdownMenuSeparator />
        {compact && (
          <>
            {otherPlaces.map(({ label, icon: Icon, to }) => (
              <DropdownMenuItem key={label} asChild>
                <Link {...to}>
                  <Icon aria-hidden />
                  {t(label)}
                </Link>
              </DropdownMenuItem>
            ))}
            <DropdownMenuSeparator />
          </>
        )}
        <ThemeItems />
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => leave.mutate()}>
          <LogOut aria-hidden />
          {t("user.signOut")}
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
