// The list of findings: only the rows in view are in the document, however many there are.
const ROW = 88;
/** Browsers lay out no more than some ten million pixels. */
const MOST_ROWS = 150000;
const list = byId("list");
const strut = make("div", { class: "strut", role: "presentation" });
list.append(strut);
/** Where in `shown` one is, and which finding is on the map. */
let active = 0;
let chosen = null;

const severityPill = (severity) => make("span", { class: `sev ${SEVERITIES[severity]}` }, SEVERITIES[severity].toLowerCase());
const statePill = (standing) => make("span", { class: `state ${standing.state}` }, standing.state);

function row(finding, position) {
  const check = data.checks[finding.check];
  const from = endLabel(finding.source, finding.fromInternet);
  const to = endLabel(finding.destination, finding.toInternet);
  const { standing } = finding;
  const ends = make("span", { class: "row-ends" }, from && to ? `${from} → ${to}` : from || to);
  const element = make(
    "div",
    {
      class: `row${position === active ? " active" : ""}${standing.fails ? "" : " quiet"}`,
      id: `row-${position}`, role: "option", "aria-setsize": shown.length, "aria-posinset": position + 1,
      "aria-selected": finding === chosen ? "true" : "false",
      onclick: () => { active = position; choose(finding); },
    },
    make("span", { class: "row-title" }, text(finding.title)),
    ends,
    make("span", { class: "row-foot" }, severityPill(standing.severity), statePill(standing),
      standing.overdue ? make("span", { class: "state overdue" }, "overdue") : null, make("span", { class: "row-check" }, check.id)),
  );
  element.style.top = `${position * ROW}px`;
  return element;
}

function drawList() {
  const begin = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const end = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  strut.style.height = `${shown.length * ROW}px`;
  const rows = [];
  for (let position = begin; position < end; position++) rows.push(row(shown[position], position));
  strut.replaceChildren(...rows);
  if (shown.length === 0) strut.append(make("p", { class: "empty" }, findings.length ? "No finding is as the filters say." : "There are no findings."));
  if (active >= begin && active < end) list.setAttribute("aria-activedescendant", `row-${active}`);
  else list.removeAttribute("aria-activedescendant");
}

/** Moves to a position, brings it into view, and chooses the finding there. */
function moveTo(position) {
  if (shown.length === 0) return;
  active = Math.max(0, Math.min(shown.length - 1, position));
  const top = active * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  choose(shown[active]);
}

list.addEventListener("scroll", () => requestAnimationFrame(drawList), { passive: true });
list.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
  if (step !== undefined) moveTo(chosen === null ? active : active + step);
  else if (event.key === "Home") moveTo(0);
  else if (event.key === "End") moveTo(shown.length - 1);
  else if (event.key === "Enter" || event.key === " ") {
    if (shown[active]) choose(shown[active]);
    byId("detail").focus();
  } else return;
  event.preventDefault();
});
