/** What an admin keeps for the plugin without showing it. `world.wit` has to import `tinybase:plugin/secrets@0.1.0`. */
export const secrets: {
  /** A text that stands for the secret in requests to the hosts that it is bound to; good for this call only. */
  placeholder(name: string): string;
  /** HMAC-SHA256 of a message under the secret; granted apart. */
  hmacSha256(name: string, message: string | Uint8Array): Uint8Array;
  /** The same in hexadecimal, as webhooks carry it. */
  sign(name: string, message: string | Uint8Array): string;
};
