// The map: accounts hold Regions, Regions VPCs, VPCs subnets, subnets interfaces. Only what is unfolded is in the
// document, so that its cost is that of what is seen.
const canvas = byId("canvas");
const only = byId("only");
const opened = new Set();
/** How many children of a node are drawn before the rest is one item; grows when that is chosen. */
const room = new Map();
const ROOM = 36;
const RULE_ROOM = 5;
/** Unfolding everything stops at so many. */
const MOST_DRAWN = 1500;
/** What is drawn of each node: of a box its head. */
const drawn = new Map();
/** The node that has the keyboard. */
let focused = null;
/** Of the chosen finding: the numbers of the hops at each node, and the nodes with all that they are in. */
let hopNumbers = new Map();
let onPath = new Set();

const BOXES = ["account", "region", "AWS::EC2::VPC", "AWS::EC2::Subnet"];
const RULES = ["AWS::EC2::RouteTable", "AWS::EC2::NetworkAcl", "AWS::EC2::SecurityGroup", "AWS::EC2::PrefixList", "AWS::EC2::TransitGatewayRouteTable"];
const isBox = (index) => BOXES.includes(nodes[index].kind);
const isRule = (index) => RULES.includes(nodes[index].kind);
const isInterface = (index) => nodes[index].kind === "AWS::EC2::NetworkInterface";
function level(index) {
  return index < 0 ? 0 : ancestors(index).length + 1;
}
{
  const labels = nodes.map((node) => nodeLabel(node.index));
  const collator = new Intl.Collator("en", { numeric: true });
  for (const node of nodes) node.children.sort((a, b) => collator.compare(labels[a], labels[b]) || a - b);
  for (const node of nodes) if (isInterface(node.index)) for (const at of ancestors(node.index)) nodes[at].ends++;
}

/** Small networks are unfolded, of larger ones accounts and Regions. */
function unfoldAtFirst() {
  const small = nodes.length <= 120;
  const vpcs = nodes.filter((node) => node.kind === "AWS::EC2::VPC").length;
  for (const node of nodes) {
    const open = { account: true, region: true, "AWS::EC2::VPC": small || vpcs <= 6, "AWS::EC2::Subnet": small }[node.kind];
    if (open && node.children.length) opened.add(node.index);
  }
}
function unfoldAll() {
  let queue = [...roots];
  let count = queue.length;
  while (queue.length) {
    const next = [];
    for (const index of queue) {
      const { children } = nodes[index];
      if (!children.length) continue;
      count += Math.min(children.length, room.get(index) ?? ROOM);
      if (count > MOST_DRAWN) return false;
      opened.add(index);
      next.push(...children);
    }
    queue = next;
  }
  return true;
}

/** The children to draw, those of the path first, and how many are left out. */
function visible(children, parent, usual = ROOM) {
  const firstHop = (index) => {
    const own = hopNumbers.get(index);
    if (own) return own[0];
    return onPath.has(index) ? 0 : Infinity;
  };
  const focus = chosen !== null && only.checked;
  let kept = focus ? children.filter((index) => onPath.has(index)) : children;
  // What is in nothing that is asked about goes last.
  kept = [...kept].sort((a, b) => {
    const [first, second] = [firstHop(a), firstHop(b)];
    return first !== second ? (first < second ? -1 : 1) : tallied.counts[b] - tallied.counts[a];
  });
  const least = kept.filter((index) => onPath.has(index)).length;
  const most = Math.max(least, room.get(parent) ?? usual);
  return { kept: kept.slice(0, most), hidden: children.length - Math.min(kept.length, most), focus };
}

function pill(index) {
  const count = tallied.counts[index];
  if (!count) return null;
  return make("span", { class: `pill sev-${SEVERITIES[tallied.gravest[index]]}` }, count.toLocaleString("en"));
}
function hopBadge(index) {
  const numbers = hopNumbers.get(index);
  return numbers ? make("span", { class: "hopno" }, numbers.join(" · ")) : null;
}
function spoken(index) {
  const hops = hopNumbers.get(index);
  const parts = [nodeTitle(index)];
  if (nodes[index].what && nodes[index].what !== parts[0]) parts.push(nodes[index].what);
  if (nodes[index].ends) parts.push(counted(nodes[index].ends, "interface"));
  parts.push(tallied.counts[index] ? counted(tallied.counts[index], "finding") : "no findings");
  if (hops) parts.push(`on the path, hop ${hops.join(" and ")}`);
  else if (onPath.has(index)) parts.push("on the path");
  return parts.join(", ");
}
function item(index, className, ...children) {
  const box = isBox(index) && nodes[index].children.length > 0;
  return make(
    "div",
    {
      class: `${className}${onPath.has(index) ? " on-path" : ""}${wanted.place === `n${index}` ? " asked" : ""}`,
      role: "treeitem", tabindex: "-1", "data-node": index, "aria-level": level(index), "aria-label": spoken(index),
      "aria-expanded": box ? String(opened.has(index)) : null, "aria-selected": String(wanted.place === `n${index}`),
    },
    ...children,
  );
}
function moreItem(parent, hidden, focus) {
  const said = focus ? `+ ${hidden.toLocaleString("en")} off the path` : `+ ${hidden.toLocaleString("en")} more`;
  return make("div", { class: "more", role: "treeitem", tabindex: "-1", "data-more": parent, "aria-level": level(parent) + 1, "aria-selected": "false" }, said);
}

function drawChip(index) {
  const node = nodes[index];
  const kind = isRule(index) ? "rule" : isInterface(index) ? "end" : node.kind === "internet" ? "internet" : "edge";
  const label = nodeLabel(index);
  const of = node.given.startsWith(label) ? "" : node.given;
  const sub = kind === "end" ? of || (label === node.id ? "interface" : node.id) : kind === "internet" ? "everyone" : kindWord(node.kind);
  const element = item(index, `chip ${kind}`, hopBadge(index), make("span", { class: "chip-label" }, label), make("span", { class: "chip-kind" }, sub), pill(index));
  element.title = `${nodeTitle(index)}${node.what ? `\n${node.what}` : ""}`;
  drawn.set(index, element);
  return element;
}

function group(className, parent, indexes, usual = ROOM) {
  if (!indexes.length) return null;
  const { kept, hidden, focus } = visible(indexes, parent, usual);
  if (!kept.length && !hidden) return null;
  return make("div", { class: className, role: "group" }, kept.map((index) => (isBox(index) ? drawBox(index) : drawChip(index))),
    hidden > 0 ? moreItem(parent, hidden, focus) : null);
}

function drawBox(index) {
  const node = nodes[index];
  const kind = node.kind.slice(node.kind.lastIndexOf(":") + 1).toLowerCase();
  const open = opened.has(index) && node.children.length > 0;
  const id = shortId(node.id);
  const head = make(
    "div",
    { class: "head" },
    node.children.length ? make("span", { class: "twist", "aria-hidden": "true" }, open ? "▾" : "▸") : null,
    make("span", { class: "head-kind" }, kindWord(node.kind)),
    make("span", { class: "head-label" }, node.kind === "account" ? id || "not known" : nodeLabel(index)),
    node.name ? make("span", { class: "head-id" }, id) : null,
    hopBadge(index),
    node.ends && !open ? make("span", { class: "head-ends" }, counted(node.ends, "interface")) : null,
    pill(index),
  );
  drawn.set(index, head);
  const box = item(index, `box ${kind}${open ? " open" : ""}`, head);
  if (open) {
    const chips = node.children.filter((child) => !isBox(child));
    const boxes = node.children.filter(isBox);
    const split = node.kind === "AWS::EC2::VPC";
    box.append(
      make("div", { class: `body ${split ? "split" : ""}`, role: "presentation" },
        split ? group("edges", index, chips.filter((child) => !isRule(child))) : null,
        split ? group("rules", index, chips.filter(isRule), RULE_ROOM) : group("chips", index, chips),
        group("boxes", index, boxes)),
    );
  }
  return box;
}

/** Draws the map anew; `reveal` unfolds what the chosen path needs. */
function drawMap(reveal) {
  const hops = chosen === null ? [] : hopsOf(chosen, chosen.ways[wayShown] ?? [NONE]);
  hopNumbers = new Map();
  onPath = new Set();
  hops.forEach((hop, at) => {
    if (!hopNumbers.has(hop.node)) hopNumbers.set(hop.node, []);
    hopNumbers.get(hop.node).push(at + 1);
    onPath.add(hop.node);
    for (const outer of ancestors(hop.node)) {
      onPath.add(outer);
      if (reveal) opened.add(outer);
    }
  });
  byId("only-label").hidden = chosen === null;
  const focusInside = canvas.contains(document.activeElement);
  drawn.clear();
  const outside = tallied.counts[INTERNET] || onPath.has(INTERNET) || findings.some((finding) => finding.fromInternet || finding.toInternet);
  const strangers = roots.filter((index) => index !== INTERNET && !isBox(index));
  const { kept, hidden, focus } = visible(roots.filter(isBox), NONE);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "lines");
  svg.setAttribute("aria-hidden", "true");
  canvas.replaceChildren(
    svg,
    make("div", { class: "world", role: "tree", "aria-label": "Network", "aria-describedby": "map-help" },
      outside ? make("div", { class: "beyond", role: "presentation" }, drawChip(INTERNET)) : "",
      make("div", { class: "inside", role: "presentation" }, kept.map(drawBox), hidden > 0 ? moreItem(NONE, hidden, focus) : "",
        group("strangers", NONE, strangers) ?? "")),
  );
  canvas.classList.toggle("lit", chosen !== null);
  canvas.classList.toggle("focus", chosen !== null && only.checked);
  const all = items();
  const target = all.find((element) => element.dataset.node === String(focused)) ?? all[0];
  if (target) {
    target.tabIndex = 0;
    if (focusInside) target.focus({ preventScroll: true });
  }
  drawLines(svg, hops.map((hop) => hop.node));
}

const items = () => [...canvas.querySelectorAll('[role="treeitem"]')];
function focusItem(element) {
  if (!element) return;
  canvas.querySelector('[role="treeitem"][tabindex="0"]')?.setAttribute("tabindex", "-1");
  element.tabIndex = 0;
  focused = element.dataset.node === undefined ? null : Number(element.dataset.node);
  element.focus();
}
function toggle(index, open) {
  if (!nodes[index].children.length || !isBox(index)) return;
  if (open) opened.add(index);
  else opened.delete(index);
  drawMap(false);
}
function showMore(parent) {
  if (chosen !== null && only.checked) only.checked = false;
  else room.set(parent, (room.get(parent) ?? ROOM) * 4);
  drawMap(false);
}
function activate(element) {
  if (element.dataset.more !== undefined) return showMore(Number(element.dataset.more));
  const index = Number(element.dataset.node);
  focused = index;
  choosePlace(index);
}

canvas.addEventListener("click", (event) => {
  const element = event.target.closest('[role="treeitem"]');
  if (!element) return;
  if (element.dataset.node !== undefined && isBox(Number(element.dataset.node))) {
    // A click into the free space of a box means nothing.
    if (!event.target.closest(".head")) return;
    const index = Number(element.dataset.node);
    focused = index;
    if (event.target.closest(".pill")) choosePlace(index);
    else toggle(index, !opened.has(index));
  } else activate(element);
});
canvas.addEventListener("keydown", (event) => {
  const element = event.target.closest('[role="treeitem"]');
  if (!element) return;
  const all = items();
  const at = all.indexOf(element);
  const index = Number(element.dataset.node ?? NONE);
  const isOpen = element.getAttribute("aria-expanded") === "true";
  const keys = {
    ArrowDown: () => focusItem(all[at + 1]),
    ArrowUp: () => focusItem(all[at - 1]),
    Home: () => focusItem(all[0]),
    End: () => focusItem(all.at(-1)),
    ArrowRight: () => {
      focused = index;
      if (isOpen) focusItem(all[at + 1]);
      else if (index >= 0) toggle(index, true);
    },
    ArrowLeft: () => {
      focused = index;
      if (isOpen) toggle(index, false);
      else focusItem(element.parentElement.closest('[role="treeitem"]'));
    },
    Enter: () => activate(element),
    " ": () => activate(element),
  };
  if (!keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
