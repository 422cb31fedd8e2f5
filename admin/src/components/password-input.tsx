import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, type KeyboardEvent, useState } from "react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Input } from "@/ui/input";

/** A password that can be looked at, and that says when Caps Lock is on. Pasting and password managers work. */
export function PasswordInput({ onKeyUp, onBlur, ...props }: Omit<ComponentProps<"input">, "type">) {
  const [visible, setVisible] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const Icon = visible ? EyeOff : Eye;
  return (
    <div className="grid gap-1.5">
      <div className="relative">
        <Input
          type={visible ? "text" : "password"}
          spellCheck={false}
          autoCapitalize="none"
          onKeyUp={(event: KeyboardEvent<HTMLInputElement>) => {
            setCapsLock(event.getModifierState("CapsLock"));
            onKeyUp?.(event);
          }}
          onBlur={(event) => {
            setCapsLock(false);
            onBlur?.(event);
          }}
          {...props}
          className="pr-10"
        />
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={visible ? t("password.hide") : t("password.show")}
          className="absolute top-1 right-1"
          onClick={() => setVisible(!visible)}
        >
          <Icon aria-hidden />
        </Button>
      </div>
      <p role="status" className="text-warning text-xs empty:hidden">
        {capsLock && t("password.capsLock")}
      </p>
    </div>
  );
}
