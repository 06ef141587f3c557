// Reads Markdown as GitHub does, with remark and its extension for GitHub, and prints what is wrong with it as JSON.
//
// A report may hold its own HTML, and none from a snapshot: these tags, each without attributes. It links nowhere, shows no
// picture, mentions nobody, and has the headings it has by design.
import { readFileSync } from "node:fs";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";

const TAGS = /<br>|<\/?(?:details|summary|sub)>/g;
const text = readFileSync(process.argv[2], "utf8");
const tree = unified().use(remarkParse).use(remarkGfm).parse(text);
const faults = [];
const at = (node) => `line ${node.position?.start.line}`;
let [tables, items, code] = [0, 0, 0];
// Each `<details>` has an end.
let [opened, closed] = [0, 0];

// GitHub takes 65,536 characters as a comment.
if (text.length > 65536) faults.push(`${text.length} characters, GitHub takes 65536`);

function look(node, parents) {
  switch (node.type) {
    case "html": {
      const rest = node.value.replace(TAGS, "");
      opened += (node.value.match(/<details>/g) ?? []).length;
      closed += (node.value.match(/<\/details>/g) ?? []).length;
      // Within a block of HTML nothing is Markdown: what stands there is read as HTML.
      if (/[<>]|\\[^\w\s]/.test(rest)) faults.push(`${at(node)}: HTML that is not ours: ${rest.slice(0, 200)}`);
      break;
    }
    case "table": {
      tables += 1;
      const wanted = node.align.length;
      for (const row of node.children) {
        if (row.children.length !== wanted) faults.push(`${at(row)}: ${row.children.length} cells of ${wanted}`);
      }
      break;
    }
    case "listItem":
      items += 1;
      if (node.checked !== null && node.checked !== undefined) faults.push(`${at(node)}: a box to tick`);
      break;
    case "inlineCode":
      code += 1;
      break;
    case "text":
      if (/(^|[^\w])@[\w]/.test(node.value)) faults.push(`${at(node)}: mentions somebody: ${node.value.slice(0, 200)}`);
      if (/(^|[^\w])#\d/.test(node.value)) faults.push(`${at(node)}: names an issue: ${node.value.slice(0, 200)}`);
      break;
    case "heading": {
      const said = text.slice(node.position.start.offset, node.position.end.offset);
      const right = parents.length === 1 && (node.depth === 2 ? /^## (netproof |Reachability)/ : /^### \S/).test(said) && node.depth < 4;
      if (!right) faults.push(`${at(node)}: an odd heading: ${said.slice(0, 200)}`);
      break;
    }
    case "root":
    case "paragraph":
    case "list":
    case "strong":
    case "emphasis":
    case "tableRow":
    case "tableCell":
    case "break":
      break;
    default:
      // Links, pictures, quotes, rules, fences, footnotes, text that is struck out.
      faults.push(`${at(node)}: a ${node.type}`);
  }
  for (const child of node.children ?? []) look(child, [...parents, node]);
}
look(tree, []);
if (opened !== closed) faults.push(`${opened} times <details>, ${closed} times </details>`);
if (tables === 0 && text.startsWith("## netproof")) faults.push("no table");
console.log(JSON.stringify({ faults, tables, items, code }));
