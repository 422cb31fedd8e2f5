import type { ReactNode } from "react";
import { Brand } from "@/components/brand";
import { useDocumentTitle } from "@/components/page";
import { ThemeMenu } from "@/components/theme-menu";
import { Card } from "@/ui/card";

interface AuthLayoutProps {
  title: string;
  text: string;
  children: ReactNode;
  footer?: ReactNode;
}

/** The frame of the pages before signing in. */
export function AuthLayout({ title, text, children, footer }: AuthLayoutProps) {
  useDocumentTitle(title);
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex items-center justify-between px-5 py-4">
        <Brand />
        <ThemeMenu />
      </header>
      <main className="mx-auto flex w-full max-w-[26rem] flex-1 flex-col justify-center gap-5 px-4 pt-4 pb-[14dvh]">
        <Card className="grid gap-6 px-6 py-7 sm:px-8">
          <div className="grid gap-1">
            <h1 className="font-semibold text-xl tracking-[-0.015em]">{title}</h1>
            <p className="text-ink-soft">{text}</p>
          </div>
          {children}
        </Card>
        {footer}
      </main>
    </div>
  );
}
