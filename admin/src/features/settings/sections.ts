/** The sections of the settings, one entry each. Only those are shown that the server has. */
import type { PlainKey } from "@/i18n";

export interface SettingField {
  key: string;
  label: PlainKey;
  help?: PlainKey;
  control:
    | "text"
    | "number"
    | "toggle"
    | "secret"
    | { choices: { value: number | string; label: PlainKey }[] };
}

export interface SettingSection {
  key: string;
  title: PlainKey;
  text: PlainKey;
  fields: SettingField[];
}

export const sections: SettingSection[] = [
  {
    key: "meta",
    title: "settings.meta",
    text: "settings.metaText",
    fields: [
      { key: "appName", label: "settings.appName", control: "text" },
      { key: "appURL", label: "settings.appUrl", help: "settings.appUrlHelp", control: "text" },
      { key: "senderName", label: "settings.senderName", control: "text" },
      { key: "senderAddress", label: "settings.senderAddress", control: "text" },
    ],
  },
  {
    key: "batch",
    title: "settings.batch",
    text: "settings.batchText",
    fields: [
      { key: "enabled", label: "settings.enabled", control: "toggle" },
      { key: "maxRequests", label: "settings.maxRequests", control: "number" },
      { key: "timeout", label: "settings.timeout", control: "number" },
      { key: "maxBodySize", label: "settings.maxBody", help: "settings.maxBodyHelp", control: "number" },
    ],
  },
  {
    key: "logs",
    title: "settings.logs",
    text: "settings.logsText",
    fields: [
      { key: "maxDays", label: "settings.maxDays", help: "settings.maxDaysHelp", control: "number" },
      {
        key: "minLevel",
        label: "settings.minLevel",
        control: {
          choices: [
            { value: -4, label: "settings.level.debug" },
            { value: 0, label: "settings.level.info" },
            { value: 4, label: "settings.level.warn" },
            { value: 8, label: "settings.level.error" },
          ],
        },
      },
      { key: "logIP", label: "settings.logIp", control: "toggle" },
      { key: "logAuthId", label: "settings.logAuth", control: "toggle" },
    ],
  },
  {
    key: "s3",
    title: "settings.s3",
    text: "settings.s3Text",
    fields: [
      { key: "enabled", label: "settings.enabled", control: "toggle" },
      { key: "endpoint", label: "settings.endpoint", control: "text" },
      { key: "bucket", label: "settings.bucket", control: "text" },
      { key: "region", label: "settings.region", control: "text" },
      { key: "accessKey", label: "settings.accessKey", control: "text" },
      { key: "secret", label: "settings.secret", help: "settings.secretHelp", control: "secret" },
      { key: "forcePathStyle", label: "settings.pathStyle", control: "toggle" },
    ],
  },
  {
    key: "smtp",
    title: "settings.smtp",
    text: "settings.smtpText",
    fields: [
      { key: "enabled", label: "settings.enabled", control: "toggle" },
      { key: "host", label: "settings.host", control: "text" },
      { key: "port", label: "settings.port", control: "number" },
      { key: "username", label: "settings.username", control: "text" },
      { key: "password", label: "settings.password", help: "settings.secretHelp", control: "secret" },
      { key: "tls", label: "settings.tls", help: "settings.tlsHelp", control: "toggle" },
      {
        key: "authMethod",
        label: "settings.authMethod",
        control: {
          choices: [
            { value: "", label: "settings.authAny" },
            { value: "PLAIN", label: "settings.authPlain" },
            { value: "LOGIN", label: "settings.authLogin" },
          ],
        },
      },
      { key: "localName", label: "settings.localName", help: "settings.localNameHelp", control: "text" },
    ],
  },
];
