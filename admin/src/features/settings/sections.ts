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
    | "list"
    | "cron"
    | { choices: { value: number | string; label: PlainKey }[] };
}

export interface SettingSection {
  /** The key of the settings; those of a section whose only field has its name stand there by themselves. */
  key: string;
  title: PlainKey;
  text: PlainKey;
  fields: SettingField[];
}

const bucket: SettingField[] = [
  { key: "enabled", label: "settings.enabled", control: "toggle" },
  { key: "endpoint", label: "settings.endpoint", control: "text" },
  { key: "bucket", label: "settings.bucket", control: "text" },
  { key: "region", label: "settings.region", control: "text" },
  { key: "accessKey", label: "settings.accessKey", control: "text" },
  { key: "secret", label: "settings.secret", help: "settings.secretHelp", control: "secret" },
  { key: "forcePathStyle", label: "settings.pathStyle", control: "toggle" },
  { key: "directDownloads", label: "storage.direct", help: "storage.directHelp", control: "toggle" },
];

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
      { key: "maxDataSize", label: "settings.maxData", help: "settings.maxDataHelp", control: "number" },
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
    key: "pluginLimits",
    title: "settings.pluginLimits",
    text: "settings.pluginLimitsText",
    fields: [
      { key: "fuelPerSecond", label: "settings.pluginLimits.fuelPerSecond", control: "number" },
      { key: "fuel", label: "settings.pluginLimits.fuel", control: "number" },
      { key: "wallMs", label: "settings.pluginLimits.wallMs", control: "number" },
      { key: "memoryMb", label: "settings.pluginLimits.memoryMb", control: "number" },
      { key: "hostCalls", label: "settings.pluginLimits.hostCalls", control: "number" },
      { key: "bytesPerCall", label: "settings.pluginLimits.bytesPerCall", control: "number" },
      { key: "handles", label: "settings.pluginLimits.handles", control: "number" },
      { key: "logBytes", label: "settings.pluginLimits.logBytes", control: "number" },
      { key: "atOnce", label: "settings.pluginLimits.atOnce", control: "number" },
      { key: "httpBytesPerCall", label: "settings.pluginLimits.httpCall", control: "number" },
      { key: "httpBytesPerDay", label: "settings.pluginLimits.httpDay", control: "number" },
      { key: "mailsPerDay", label: "settings.pluginLimits.mailsDay", control: "number" },
      { key: "kvKeys", label: "settings.pluginLimits.kvKeys", control: "number" },
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
  {
    key: "trustedProxy",
    title: "settings.proxy",
    text: "settings.proxyText",
    fields: [
      { key: "headers", label: "settings.proxyHeaders", help: "settings.proxyHeadersHelp", control: "list" },
      { key: "proxies", label: "settings.proxies", help: "settings.proxiesHelp", control: "list" },
      { key: "useLeftmostIP", label: "settings.leftmost", help: "settings.leftmostHelp", control: "toggle" },
    ],
  },
  {
    key: "superuserIPs",
    title: "settings.superuserIps",
    text: "settings.superuserIpsText",
    fields: [
      {
        key: "superuserIPs",
        label: "settings.superuserIpsList",
        help: "settings.superuserIpsHelp",
        control: "list",
      },
    ],
  },
];

/** Where files are kept. */
export const storageSections: SettingSection[] = [
  { key: "s3", title: "settings.s3", text: "settings.s3Text", fields: bucket },
];

/** Of the backups: when they are made by themselves, and where they are kept. */
export const backupSections: SettingSection[] = [
  {
    key: "backups",
    title: "backups.schedule",
    text: "backups.scheduleText",
    fields: [
      { key: "cron", label: "backups.cron", help: "backups.cronHelp", control: "cron" },
      { key: "cronMaxKeep", label: "backups.keep", control: "number" },
    ],
  },
  { key: "backups.s3", title: "backups.s3", text: "backups.s3Text", fields: bucket },
];

/** Where the copy of the collections is kept. */
export const syncSections: SettingSection[] = [
  {
    key: "sync",
    title: "sync.section",
    text: "sync.sectionText",
    fields: [
      { key: "enabled", label: "settings.enabled", control: "toggle" },
      { key: "url", label: "sync.url", help: "sync.urlHelp", control: "text" },
      { key: "authToken", label: "sync.token", help: "settings.secretHelp", control: "secret" },
    ],
  },
];

/** Whether a section is one value and no object of them. */
export function isSingle({ key, fields }: SettingSection): boolean {
  return fields.length === 1 && fields[0]?.key === key;
}

/** The path of a field, as the server names it. */
export function pathOf(section: SettingSection, field: SettingField): string {
  return isSingle(section) ? section.key : `${section.key}.${field.key}`;
}
