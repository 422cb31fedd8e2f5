export const description: string;
export const generated: string;
export function types(): Promise<string>;
