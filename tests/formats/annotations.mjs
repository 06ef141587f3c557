// Reads annotations as GitHub's runner does, and has GitHub's own library write them again: the lines have to be the same.
//
// SOURCE: actions/runner, `ActionCommand.TryParseV2`: a command is what stands between `::` and the next `::`, its properties
// are parted by commas (checked 2026-11-27).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { issueCommand } = await import(pathToFileURL(join(process.argv[3], "node_modules/@actions/core/lib/command.js")));
const PROPERTIES = ["file", "line", "endLine", "col", "endColumn", "title"];
const data = (text) => text.replace(/%0D/g, "\r").replace(/%0A/g, "\n").replace(/%25/g, "%");
const property = (text) => data(text.replace(/%3A/g, ":").replace(/%2C/g, ","));

function written(...command) {
  const write = process.stdout.write;
  let out = "";
  process.stdout.write = (text) => ((out += text), true);
  try {
    issueCommand(...command);
  } finally {
    process.stdout.write = write;
  }
  return out.replace(/\r?\n$/, "");
}

const faults = [];
const places = [];
const counts = { error: 0, warning: 0, notice: 0 };
const text = readFileSync(process.argv[2], "utf8");
if (!text.endsWith("\n")) faults.push("the last line does not end");
text.split("\n").slice(0, -1).forEach((line, index) => {
  const where = `line ${index + 1}`;
  const end = line.indexOf("::", 2);
  if (!line.startsWith("::") || end < 0) return faults.push(`${where}: no command: ${line.slice(0, 200)}`);
  const head = line.slice(2, end);
  const space = head.indexOf(" ");
  const kind = space < 0 ? head : head.slice(0, space);
  const said = space < 0 ? [] : head.slice(space + 1).split(",");
  const properties = {};
  for (const part of said) {
    const equals = part.indexOf("=");
    properties[part.slice(0, equals)] = property(part.slice(equals + 1));
  }
  if (!(kind in counts)) return faults.push(`${where}: \`${kind}\` makes no annotation`);
  counts[kind] += 1;
  for (const name of Object.keys(properties)) {
    if (!PROPERTIES.includes(name)) faults.push(`${where}: annotations have no \`${name}\``);
  }
  if (properties.file !== undefined) places.push([properties.file, properties.line ?? null]);
  const message = data(line.slice(end + 2));
  if (!message.trim()) faults.push(`${where}: says nothing`);
  const again = written(kind, properties, message);
  if (again !== line) faults.push(`${where}: GitHub's library writes\n${again}\nand not\n${line}`);
});
for (const [kind, count] of Object.entries(counts)) {
  if (count > 10) faults.push(`${count} annotations of kind ${kind}, GitHub shows 10 of a step`);
}
console.log(JSON.stringify({ faults, places, counts }));
