// The lit path: curves from hop to hop, with arrowheads, between whatever is drawn of each.
const SVG = "http://www.w3.org/2000/svg";
function shape(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** What is drawn of a node: itself, or what it is folded into. */
function anchor(index) {
  for (let at = index; at >= 0; at = nodes[at].parent) if (drawn.has(at)) return drawn.get(at);
  return null;
}

/** A curve from one box to another: sideways if they stand side by side, else around what lies between. */
function curve(a, b) {
  const middle = (box) => box.top + box.height / 2;
  const line = (x1, y1, c1, d1, c2, d2, x2, y2) => `M${x1},${y1} C${c1},${d1} ${c2},${d2} ${x2},${y2}`;
  if (b.left >= a.right + 6) {
    const bend = Math.max(14, (b.left - a.right) / 2);
    return line(a.right, middle(a), a.right + bend, middle(a), b.left - bend - 4, middle(b), b.left - 4, middle(b));
  }
  if (b.right <= a.left - 6) {
    const bend = Math.max(14, (a.left - b.right) / 2);
    return line(a.left, middle(a), a.left - bend, middle(a), b.right + bend + 4, middle(b), b.right + 4, middle(b));
  }
  const down = b.top >= a.top;
  const gap = down ? b.top - a.bottom : a.top - b.bottom;
  const x = Math.min(a.left + a.width / 2, b.left + b.width / 2);
  if (gap < 40) {
    const [from, to] = down ? [a.bottom, b.top - 4] : [a.top, b.bottom + 4];
    return line(x, from, x, (from + to) / 2, x, (from + to) / 2, x, to);
  }
  const bulge = Math.min(a.left, b.left) - 26;
  return line(a.left, middle(a), bulge, middle(a), bulge, middle(b), b.left - 4, middle(b));
}

function drawLines(svg, hops) {
  const frame = canvas.getBoundingClientRect();
  svg.replaceChildren();
  svg.setAttribute("width", canvas.scrollWidth);
  svg.setAttribute("height", canvas.scrollHeight);
  if (hops.length < 2) return;
  svg.append(
    shape("defs", {}, shape("marker", { id: "arrow", viewBox: "0 0 10 10", refX: "7", refY: "5", markerWidth: "5", markerHeight: "5", orient: "auto-start-reverse" },
      shape("path", { d: "M0,0 L10,5 L0,10 z", class: "arrow" }))),
  );
  const box = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const x = left - frame.left;
    const y = top - frame.top;
    return { left: x, top: y, width, height, right: x + width, bottom: y + height };
  };
  const anchors = hops.map(anchor).filter((element, at, all) => element && element !== all[at - 1]);
  for (let at = 1; at < anchors.length; at++) {
    const d = curve(box(anchors[at - 1]), box(anchors[at]));
    svg.append(shape("path", { d, class: "halo" }), shape("path", { d, class: "line", "marker-end": "url(#arrow)" }));
  }
}

function redrawLines() {
  const svg = canvas.querySelector("svg.lines");
  if (svg && chosen !== null) drawLines(svg, hopsOf(chosen, chosen.ways[wayShown] ?? [NONE]).map((hop) => hop.node));
}

function lightNode(index, on) {
  anchor(index)?.classList.toggle("pointed", on);
}
