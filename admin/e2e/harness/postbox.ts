/** A mail server for the tests: takes every mail and keeps its lines. */
import net, { type AddressInfo } from "node:net";

export class Postbox {
  private readonly mails: string[] = [];
  private constructor(private readonly server: net.Server) {}

  static async open(): Promise<Postbox> {
    const server = net.createServer();
    const postbox = new Postbox(server);
    server.on("connection", (socket) => postbox.serve(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return postbox;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The first match in a mail, waiting until there is one. */
  async find(pattern: RegExp): Promise<string> {
    for (let tries = 0; tries < 200; tries++) {
      const found = this.mails.map((mail) => pattern.exec(mail)?.[1]).find((match) => match !== undefined);
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no mail matches ${pattern}: ${this.mails.join("\n---\n")}`);
  }

  close(): void {
    this.server.close();
  }

  private serve(socket: net.Socket): void {
    let text = "";
    let inData = false;
    socket.on("error", () => {});
    socket.write("220 postbox\r\n");
    socket.on("data", (chunk) => {
      text += chunk.toString("utf8");
      for (;;) {
        const end = text.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const line = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        // Soft line breaks and `=3D` are all that matters of quoted-printable here.
        if (inData) this.mails.push(line.replaceAll("=\r\n", "").replaceAll("=3D", "="));
        const begins = !inData && line.toUpperCase() === "DATA";
        inData = begins;
        socket.write(begins ? "354 go ahead\r\n" : "250 postbox\r\n");
      }
    });
  }
}
