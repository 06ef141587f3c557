// Which findings are shown, and in which order.
const wanted = { text: "", check: "", severity: "", state: "", place: "", sort: "severity" };
/** Numbers of the findings that are shown, in order. */
let shown = [];
/** How many there are, listed or not. */
let found = 0;

/** For each word that is searched, which texts have it. Texts are asked once, however many findings have them. */
let lowered = null;
function textsWith(word) {
  lowered ??= data.strings.map((string) => string.toLowerCase());
  const strings = lowered.map((string) => string.includes(word));
  const has = (number) => number >= 0 && strings[number];
  const at = places.map((place) => place.text.toLowerCase().includes(word) || place.pointer.toLowerCase().includes(word));
  const node = data.nodes.map(([, , id, name, what]) => has(id) || has(name) || has(what));
  node.push("internet".includes(word));
  const step = steps.map((it) => has(it.text) || (it.at >= 0 && at[it.at]) || node[it.node]);
  return { has, at, node, step };
}
function matches(finding, word, { has, at, node, step }) {
  return (
    finding.id.includes(word) || has(finding.title) || has(finding.rule) || (finding.at >= 0 && at[finding.at]) ||
    (finding.source >= 0 && node[finding.source]) || (finding.destination >= 0 && node[finding.destination]) ||
    finding.packets.some(has) || finding.remarks.some(has) ||
    finding.ways.some((way) => way.some((it, index) => index > 0 && step[it])) ||
    data.checks[finding.check].id.toLowerCase().includes(word) || data.checks[finding.check].title.toLowerCase().includes(word)
  );
}

/** What `place` asks: `n12` a node and all in it, `r eu-west-1` a Region in every account. */
function placeAsked() {
  if (!wanted.place) return null;
  if (wanted.place[0] === "n") return [Number(wanted.place.slice(1))];
  const region = wanted.place.slice(2);
  return nodes.filter((node) => node.kind === "region" && node.id === region).map((node) => node.index);
}
const STATES = {
  counts: (standing) => standing.fails,
  new: (standing) => standing.state === "new" || standing.state === "open",
  known: (standing) => standing.state === "known",
  suppressed: (standing) => standing.state === "suppressed",
  overdue: (standing) => standing.overdue,
};

/** All findings that are wanted, but for the place: the map counts these. */
function unplaced() {
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean).map((word) => [word, textsWith(word)]);
  return findings.filter(
    (finding) =>
      (wanted.check === "" || finding.check === Number(wanted.check)) &&
      (wanted.severity === "" || finding.standing.severity >= Number(wanted.severity)) &&
      (wanted.state === "" || STATES[wanted.state](finding.standing)) &&
      words.every(([word, found]) => matches(finding, word, found)),
  );
}

const byText = (key) => (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
const ORDERS = {
  severity: (a, b) => b.standing.severity - a.standing.severity,
  check: (a, b) => a.check - b.check,
  source: byText((finding) => endLabel(finding.source, finding.fromInternet)),
  destination: byText((finding) => endLabel(finding.destination, finding.toInternet)),
  title: byText((finding) => text(finding.title)),
  seen: byText((finding) => finding.standing.seen || "9"),
  due: byText((finding) => finding.standing.due || "9"),
  file: byText((finding) => place(finding.at)?.text ?? "~"),
};

/** How many of these findings touch each node, and how grave the gravest is. */
function tally(list) {
  const counts = new Int32Array(nodes.length);
  const gravest = new Int8Array(nodes.length).fill(NONE);
  const seen = new Int32Array(nodes.length).fill(NONE);
  for (const finding of list) {
    for (const start of touched(finding)) {
      for (let at = start; at >= 0 && seen[at] !== finding.index; at = nodes[at].parent) {
        seen[at] = finding.index;
        counts[at]++;
        gravest[at] = Math.max(gravest[at], finding.standing.severity);
      }
    }
  }
  return { counts, gravest };
}
let tallied = tally([]);

function refilter() {
  const list = unplaced();
  tallied = tally(list);
  const within = placeAsked();
  const placed = within === null ? list : list.filter((finding) => touched(finding).some((at) => within.some((outer) => holds(outer, at))));
  const order = ORDERS[wanted.sort];
  found = placed.length;
  shown = placed.sort((a, b) => order(a, b) || a.index - b.index).slice(0, MOST_ROWS);
}
