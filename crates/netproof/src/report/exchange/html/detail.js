// All about one finding. The list of hops is also the path in words, for those who do not see the map.
const detail = byId("detail");
/** Which of its ways is on the map. */
let wayShown = 0;

const fact = (name, ...value) => (value.flat().some(Boolean) ? make("div", {}, make("dt", {}, name), make("dd", {}, ...value)) : null);
const where = (at) => {
  const it = place(at);
  return it && make("span", { class: "where" }, make("code", {}, it.text), it.pointer ? make("code", { class: "pointer" }, it.pointer) : null);
};
const bullets = (items) => make("ul", {}, items.map((item) => make("li", {}, item)));

/** The internet, where the way begins or ends there, and the steps between. */
function hopsOf(finding, way) {
  const hops = [];
  const nodeOf = (at) => steps[way.at(at)]?.node;
  // The way of a reply.
  const back = way.length > 2 && nodeOf(1) === finding.destination && nodeOf(-1) === finding.source;
  if (back ? finding.toInternet : finding.fromInternet) hops.push({ node: INTERNET, role: "outside", said: "", at: NONE });
  for (let at = 1; at < way.length; at++) {
    const step = steps[way[at]];
    // The name stands in the heading of the hop already.
    const named = `(${nodes[step.node].name}) `;
    const words = text(step.text);
    const said = words.startsWith(named) ? words.slice(named.length) : words;
    hops.push({ node: step.node, role: step.role, said: said === kindWord(nodes[step.node].kind) ? "" : said, at: step.at });
  }
  if (back ? finding.fromInternet : finding.toInternet) hops.push({ node: INTERNET, role: "outside", said: "", at: NONE });
  return hops;
}

function hopItem(hop, number) {
  const light = (on) => () => lightNode(hop.node, on);
  const node = nodes[hop.node];
  const id = node.kind === "internet" ? "" : shortId(node.id);
  return make(
    "li",
    { class: `hop ${hop.role}`, onmouseenter: light(true), onmouseleave: light(false) },
    make("span", { class: "hop-number", "aria-hidden": "true" }, String(number)),
    make("div", { class: "hop-body" },
      make("p", { class: "hop-head" }, make("span", { class: "hop-role" }, hop.role), make("b", {}, nodeLabel(hop.node)),
        id && id !== nodeLabel(hop.node) ? make("code", {}, id) : null, make("span", { class: "hop-kind" }, kindWord(node.kind))),
      hop.said && hop.said !== nodeLabel(hop.node) ? make("p", { class: "hop-text" }, hop.said) : null,
      where(hop.at)),
  );
}

function drawDetail() {
  if (chosen === null) {
    const hint = findings.length ? "Choose a finding to see its path, rule by rule." : "There are no findings: nothing to show here.";
    detail.replaceChildren(make("h2", { id: "detail-title" }, "Finding"), make("p", { class: "empty" }, hint));
    return;
  }
  const { standing } = chosen;
  const check = data.checks[chosen.check];
  const by = standing.suppressed;
  const title = text(chosen.title);
  const packets = chosen.packets.map(text);
  const end = (index, internet) => (index < 0 ? "" : (internet ? "the internet, at " : "") + (nodes[index].what || nodeTitle(index)));
  const from = end(chosen.source, chosen.fromInternet);
  const to = end(chosen.destination, chosen.toInternet);
  const facts = make(
    "dl",
    { class: "facts" },
    fact("Rule to change first", chosen.rule >= 0 ? make("span", { class: "rule" }, text(chosen.rule)) : null, where(chosen.at)),
    fact("From", from),
    fact("To", to),
    fact("Check", check.title === check.id ? "" : `${check.title} `, make("code", {}, check.id)),
    fact("Finding", make("code", {}, chosen.id)),
    fact("Raised by", standing.raised),
    fact("First seen", standing.seen),
    fact("Due", standing.due && `${standing.due}${standing.overdue ? " (overdue)" : ""}`),
    fact("Suppressed", by ? `${by.reason} – ${by.owner}${by.until ? `, until ${by.until}` : ""}` : null, by ? make("code", { class: "where" }, by.written) : null),
    packets.length > 1 || (packets.length === 1 && packets[0] !== title) ? fact("Packets", bullets(packets)) : null,
    chosen.remarks.length ? fact("Remarks", bullets(chosen.remarks.map(text))) : null,
    chosen.related.length ? fact("See also", make("ul", {}, chosen.related.map(([said, at]) => make("li", {}, text(said), where(at))))) : null,
  );
  const ways = chosen.ways.map((way, index) => {
    const several = chosen.ways.length > 1;
    const said = text(way[0]);
    const heading = make("h3", {}, said && said !== title ? said : "Path");
    const show = several
      ? make("button", { type: "button", "aria-pressed": index === wayShown ? "true" : "false", onclick: () => { wayShown = index; drawDetail(); drawMap(true); } }, "On the map")
      : null;
    return make("div", { class: "way" }, make("div", { class: "way-head" }, heading, show),
      make("ol", { class: "hops" }, hopsOf(chosen, way).map((hop, at) => hopItem(hop, at + 1))));
  });
  detail.replaceChildren(
    make("div", { class: "detail-head" },
      make("p", { class: "badges" }, severityPill(standing.severity), statePill(standing), standing.overdue ? make("span", { class: "state overdue" }, "overdue") : null,
        standing.fails ? null : make("span", { class: "state" }, "does not count")),
      make("h2", { id: "detail-title" }, title)),
    make("div", { class: "detail-body" }, make("div", { class: "ways" }, ways), facts),
  );
}
