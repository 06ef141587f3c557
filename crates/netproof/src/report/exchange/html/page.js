// Puts the parts together.
const fields = { text: byId("text"), check: byId("check"), place: byId("place"), severity: byId("severity"), state: byId("state"), sort: byId("sort") };
const option = (value, said) => make("option", { value }, said);

function fillFields() {
  fields.check.append(option("", "All checks"), ...data.checks.map((check, index) => option(index, `${check.id} (${check.findings.length.toLocaleString("en")})`)));
  fields.severity.append(option("", "Any"), ...SEVERITIES.map((name, index) => option(index, index === 4 ? "critical" : `${name.toLowerCase()} or more`)).reverse().slice(0, 4));
  const states = { "": "Any", counts: "counts", new: "new or open", known: "known", suppressed: "suppressed", overdue: "overdue" };
  fields.state.append(...Object.entries(states).map(([value, said]) => option(value, said)));
  const sorts = { severity: "severity", check: "check", destination: "destination", source: "source", title: "packets", file: "file and line", due: "due", seen: "first seen" };
  fields.sort.append(...Object.entries(sorts).map(([value, said]) => option(value, said)));
  const { counts } = tally(findings);
  const some = nodes.filter((node) => counts[node.index] > 0);
  const optionsOf = (label, options) => (options.length ? [make("optgroup", { label }, options)] : []);
  const path = (index) => ancestors(index).map((at) => nodes[at].id).filter(Boolean).reverse().join(" / ");
  const of = (kind) => some.filter((node) => node.kind === kind).sort((a, b) => byText((node) => nodeTitle(node.index))(a, b) || a.index - b.index);
  const regions = [...new Set(of("region").map((node) => node.id))].sort();
  fields.place.append(
    option("", "Everywhere"),
    ...optionsOf("Accounts", of("account").map((node) => option(`n${node.index}`, nodeLabel(node.index)))),
    ...optionsOf("Regions", regions.map((id) => option(`r ${id}`, id))),
    ...optionsOf("VPCs", of("AWS::EC2::VPC").map((node) => option(`n${node.index}`, `${nodeTitle(node.index)} – ${path(node.index)}`))),
  );
}

function drawStatus() {
  const of = found === findings.length ? "" : ` of ${findings.length.toLocaleString("en")}`;
  const cut = shown.length < found ? `, the first ${shown.length.toLocaleString("en")} listed` : "";
  byId("status").textContent = `${found.toLocaleString("en")}${of} finding${findings.length === 1 ? "" : "s"} shown${cut}`;
  const filtered = ["text", "check", "place", "severity", "state"].some((key) => wanted[key] !== "");
  byId("clear").hidden = !filtered;
  for (const line of document.querySelectorAll(".checks tr[data-check]")) line.classList.toggle("asked", line.dataset.check === wanted.check);
}
/** After filters or the order changed. */
function apply() {
  refilter();
  active = Math.max(0, shown.indexOf(chosen));
  list.scrollTop = Math.max(0, active * ROW - ROW);
  drawList();
  drawMap(false);
  drawStatus();
}

function choose(finding) {
  if (chosen !== finding) {
    chosen = finding;
    wayShown = 0;
    drawDetail();
    drawMap(true);
    byId("canvas-scroll").scrollTo(0, 0);
    try {
      history.replaceState(null, "", `#${encodeURIComponent(data.checks[finding.check].id)}/${finding.id}`);
    } catch {
      // Some browsers do not allow it for files; the page works without.
    }
  }
  drawList();
}
/** Shows what passes a node; asked again, everything. */
function choosePlace(index) {
  const value = wanted.place === `n${index}` ? "" : `n${index}`;
  if (value && ![...fields.place.options].some((it) => it.value === value)) {
    byId("place-of-map")?.remove();
    fields.place.append(make("optgroup", { label: "Chosen on the map", id: "place-of-map" }, option(value, nodeTitle(index))));
  }
  fields.place.value = value;
  wanted.place = value;
  apply();
}
function clearFilters() {
  for (const key of ["text", "check", "place", "severity", "state"]) {
    wanted[key] = "";
    fields[key].value = "";
  }
  apply();
}

function themes() {
  const box = byId("theme");
  const set = (name) => {
    document.documentElement.dataset.theme = name;
    for (const button of box.children) button.setAttribute("aria-pressed", String(button.dataset.theme === name));
  };
  box.append(...["auto", "light", "dark"].map((name) => make("button", { type: "button", "data-theme": name, onclick: () => set(name) }, name)));
  box.hidden = false;
  set("auto");
}

/** On paper there is no scrolling: the findings that are shown, as a table. */
function forPaper() {
  const most = 1000;
  const cells = (finding) => [
    SEVERITIES[finding.standing.severity].toLowerCase(), finding.standing.state, data.checks[finding.check].id, text(finding.title),
    endLabel(finding.source, finding.fromInternet), endLabel(finding.destination, finding.toInternet), place(finding.at)?.text ?? "",
  ];
  const heads = ["Severity", "State", "Check", "Finding", "From", "To", "Rule at"];
  byId("printed").replaceChildren(
    make("h2", {}, "Findings"),
    make("p", {}, `${byId("status").textContent}${shown.length > most ? `; the first ${most.toLocaleString("en")} follow` : ""}.`),
    make("table", {}, make("thead", {}, make("tr", {}, heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", {}, shown.slice(0, most).map((finding) => make("tr", {}, cells(finding).map((cell) => make("td", {}, cell)))))),
  );
}

let waiting = 0;
fields.text.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => { wanted.text = fields.text.value.trim(); apply(); }, 120);
});
for (const key of ["check", "place", "severity", "state", "sort"]) {
  fields[key].addEventListener("change", () => { wanted[key] = fields[key].value; apply(); });
}
byId("clear").addEventListener("click", () => { clearFilters(); fields.text.focus(); });
only.addEventListener("change", () => drawMap(false));
byId("fold").addEventListener("click", () => { byId("map-status").textContent = ""; opened.clear(); for (const node of nodes) if (node.kind === "account") opened.add(node.index); drawMap(false); });
byId("unfold").addEventListener("click", () => {
  only.checked = false;
  const all = unfoldAll();
  drawMap(false);
  byId("map-status").textContent = all ? "" : "The network is too large to be unfolded at once: the rest opens part by part.";
});
for (const title of document.querySelectorAll(".checks .check-title")) {
  const { check } = title.closest("tr").dataset;
  if (!data.checks[check].findings.length) continue;
  const button = make("button", { type: "button", class: "check-title link", title: "Show its findings" }, title.textContent);
  button.addEventListener("click", () => {
    clearFilters();
    fields.check.value = check;
    wanted.check = check;
    apply();
    byId("findings").scrollIntoView();
    list.focus({ preventScroll: true });
  });
  title.replaceWith(button);
}
new ResizeObserver(redrawLines).observe(canvas);
window.addEventListener("resize", drawList);
window.addEventListener("beforeprint", forPaper);
// Not every browser prints what is folded by the style sheet.
for (const folded of document.querySelectorAll("details.folded")) {
  let before = folded.open;
  window.addEventListener("beforeprint", () => { before = folded.open; folded.open = true; });
  window.addEventListener("afterprint", () => { folded.open = before; });
}

themes();
fillFields();
byId("work").hidden = false;
unfoldAtFirst();
refilter();
drawDetail();
apply();
// A finding named in the address is shown at once.
const named = decodeURIComponent(location.hash.slice(1));
const asked = findings.find((finding) => `${data.checks[finding.check].id}/${finding.id}` === named);
if (asked) {
  active = shown.indexOf(asked);
  moveTo(active);
}
