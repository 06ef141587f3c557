// Reads a Mermaid diagram with Mermaid's own parser, which wants a document to be there. Prints the kind of diagram.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");
// A text longer than this is not drawn by pages that leave the setting alone, such as GitHub's.
mermaid.initialize({ maxTextSize: 50000, maxEdges: 500 });
const text = readFileSync(process.argv[2], "utf8");
if (text.length > 50000) {
  throw new Error(`${text.length} characters are more than the 50000 that Mermaid draws`);
}
const parsed = await mermaid.parse(text);
console.log(parsed.diagramType);
