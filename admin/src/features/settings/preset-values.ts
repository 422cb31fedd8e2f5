/** A provider's preset filled in with what is one's own. */
import type { StoragePreset } from "@/api/storage";

export interface PresetValues {
  endpoint?: string;
  region: string;
  forcePathStyle: boolean;
}

/** Whether the endpoint has a place for the account, which nobody but its owner knows. */
export function asksAccount({ endpoint }: StoragePreset): boolean {
  return endpoint.includes("{account}");
}

/** An endpoint that is not whole yet is left as it was. */
export function presetValues(preset: StoragePreset, region: string, account: string): PresetValues {
  const { endpoint, forcePathStyle } = preset;
  const filled = endpoint.replaceAll("{region}", region).replaceAll("{account}", account.trim());
  const whole =
    (region !== "" || !endpoint.includes("{region}")) && (!asksAccount(preset) || account.trim() !== "");
  return { ...(whole && { endpoint: filled }), region, forcePathStyle };
}
