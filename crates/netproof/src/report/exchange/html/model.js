// What the data says, as objects. Texts only ever become text nodes, never markup.
const data = JSON.parse(document.getElementById("data").textContent);
const NONE = -1;
const SEVERITIES = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
const text = (number) => (number < 0 ? "" : data.strings[number]);

const byId = (id) => document.getElementById(id);
/** An element with classes, attributes and children; texts become text nodes. */
function make(name, options, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(options ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") element.className = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** Resources, accounts and Regions, as a forest. */
const nodes = data.nodes.map(([parent, kind, id, name, what], index) => ({
  index, parent, kind: text(kind), id: text(id), name: text(name), what: text(what), children: [], ends: 0,
}));
/** Whoever is outside; stands for all borders to it. */
const INTERNET = nodes.length;
nodes.push({ index: INTERNET, parent: NONE, kind: "internet", id: "internet", name: "", what: "the internet", children: [], ends: 0 });
const roots = [];
for (const node of nodes) (node.parent < 0 ? roots : nodes[node.parent].children).push(node.index);

// A node holds another if the other's number of first visit lies between its own first and last.
const first = new Int32Array(nodes.length);
const last = new Int32Array(nodes.length);
{
  let count = 0;
  const visit = (index) => {
    first[index] = count++;
    for (const child of nodes[index].children) visit(child);
    last[index] = count;
  };
  roots.forEach(visit);
}
const holds = (outer, inner) => first[outer] <= first[inner] && first[inner] < last[outer];
function ancestors(index) {
  const found = [];
  for (let at = nodes[index].parent; at >= 0; at = nodes[at].parent) found.push(at);
  return found;
}
const KIND_WORDS = {
  account: "account", region: "Region", internet: "", "AWS::EC2::VPC": "VPC", "AWS::EC2::Subnet": "subnet",
  "AWS::EC2::NetworkInterface": "network interface", "AWS::EC2::NetworkAcl": "network ACL", "AWS::EC2::VPCEndpoint": "endpoint",
  "AWS::EC2::NatGateway": "NAT gateway", "AWS::EC2::VPCPeeringConnection": "peering connection",
};
function kindWord(kind) {
  const known = KIND_WORDS[kind];
  if (known !== undefined) return known;
  // `AWS::EC2::TransitGatewayAttachment` is a transit gateway attachment.
  return kind.slice(kind.lastIndexOf(":") + 1).replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}
// What has no name is best known by what it is of: `network interface: RDS database shop-1`.
for (const node of nodes) {
  const given = /(?:: | of | for )(.+)$/.exec(node.what)?.[1] ?? "";
  node.given = /^instance (.+) \(i-[0-9a-z]+\)$/.exec(given)?.[1] ?? given;
}
const shortId = (id) => (id.startsWith("arn:") ? id.slice(id.lastIndexOf(":") + 1) : id);
function nodeLabel(index) {
  const node = nodes[index];
  if (node.kind === "internet") return "Internet";
  if (node.kind === "account") return node.id ? `Account ${node.id}` : "Account not known";
  return node.name || node.given || shortId(node.id);
}
/** Name, kind and id. */
function nodeTitle(index) {
  const node = nodes[index];
  if (["internet", "account"].includes(node.kind)) return nodeLabel(index);
  const id = shortId(node.id);
  const label = nodeLabel(index);
  const named = label === id ? id : `${label} (${id})`;
  return `${kindWord(node.kind)} ${named}`.trim();
}

/** Where a rule is written. */
const places = data.places.map(([file, line, pointer, inside]) => {
  const at = line > 0 ? `${text(file)}:${line}` : text(file);
  return { text: inside < 0 ? at : `${at} (${text(inside)})`, pointer: text(pointer) };
});
const place = (number) => (number < 0 ? null : places[number]);
const steps = data.steps.map(([node, role, said, at]) => ({ node, role: text(role), text: said, at }));
const standings = data.standings.map(([severity, state, seen, due, overdue, fails, raised, suppressed]) => ({
  severity, state: text(state), seen: text(seen), due: text(due), overdue: overdue === 1, fails: fails === 1, raised: text(raised),
  suppressed: suppressed && { reason: text(suppressed[0]), owner: text(suppressed[1]), until: text(suppressed[2]), written: text(suppressed[3]) },
}));

const findings = [];
data.checks.forEach((check, checkIndex) => {
  for (const row of check.findings) {
    const [id, title, ends, source, destination, at, rule, standing, ways, packets, remarks, related] = row;
    findings.push({
      index: findings.length, check: checkIndex, id, title, fromInternet: (ends & 1) > 0, toInternet: (ends & 2) > 0,
      source, destination, at, rule, standing: standings[standing], ways, packets, remarks, related,
    });
  }
});
/** The resources on a finding's ways and at its ends, in order, the internet among them. */
function touched(finding) {
  const found = [];
  if (finding.fromInternet || finding.toInternet) found.push(INTERNET);
  if (finding.source >= 0) found.push(finding.source);
  if (finding.destination >= 0) found.push(finding.destination);
  for (const way of finding.ways) for (let at = 1; at < way.length; at++) found.push(steps[way[at]].node);
  return found;
}
const endLabel = (index, internet) => (internet ? "internet" : index < 0 ? "" : nodeLabel(index));
