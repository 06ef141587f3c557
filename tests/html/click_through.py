"""Opens reports as people do, in headless Chromium, and checks what they see.

    click_through.py SMALL.html MANY.html FLOWS.html [FOLDER]

SMALL is of `examples/public-exposure/before`; MANY has at least 10,000 findings; FLOWS is of `verify`. Screenshots go to FOLDER. Times are
limited widely: a slow machine passes, a page that makes a person wait does not.
"""

import json
import pathlib
import shutil
import sys
import time

from playwright.sync_api import sync_playwright

SMALL, MANY, FLOWS = (pathlib.Path(argument).resolve().as_uri() for argument in sys.argv[1:4])
SHOTS = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
passed = []
noise = []


def check(name, true, said=""):
    assert true, f"{name}: {said}"
    passed.append(name)


def shot(page, name, **options):
    if SHOTS:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", **options)


def opened(browser, address, **options):
    """A page on which errors, and requests other than for itself, are noted."""
    page = browser.new_context(viewport={"width": 1440, "height": 1000}, **options).new_page()
    page.on("console", lambda message: noise.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: noise.append(f"error: {error}"))
    page.on("request", lambda request: request.url.split("#")[0] == address or noise.append(f"request: {request.url}"))
    page.goto(address)
    page.wait_for_selector("#work:not([hidden])")
    return page


def count(page):
    return int(page.text_content("#status").split()[0].replace(",", ""))


def until_other_than(page, number):
    """Waits for the search; the page's own policy forbids the client's way of waiting, which is to evaluate texts."""
    for _ in range(200):
        if count(page) != number:
            return
        page.wait_for_timeout(50)


def hops(page):
    return page.locator("#detail .hop").count()


# Contrast of every text that is shown against what it is drawn on, by the formula of WCAG 2.2, 1.4.3.
CONTRAST = """() => {
  const parse = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return { rgb: [r, g, b], a }; };
  const over = (top, below) => top.rgb.map((it, at) => it * top.a + below[at] * (1 - top.a));
  const light = (rgb) => {
    const [r, g, b] = rgb.map((it) => (it /= 255) <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own.a === 1 ? own.rgb : over(own, ground(element.parentElement));
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, style")) continue;
    const below = ground(element);
    const text = over(parse(getComputedStyle(element).color), below);
    const [a, b] = [light(text), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.className || element.tagName}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return [...new Set(faint)];
}"""

# What has a role or is a control, but no name that can be spoken.
NAMELESS = """() => [...document.querySelectorAll("button, input, select, [role=listbox], [role=tree], [role=treeitem], [role=option], section")]
  .filter((it) => it.checkVisibility() && !(it.ariaLabel || it.getAttribute("aria-labelledby") || it.labels?.length || it.textContent.trim()))
  .map((it) => it.outerHTML.slice(0, 80))"""


def small(browser):
    page = opened(browser, SMALL)
    everything = page.evaluate("JSON.parse(document.getElementById('data').textContent).checks.reduce((sum, it) => sum + it.findings.length, 0)")
    check("all findings are listed at first", count(page) == everything, page.text_content("#status"))
    shot(page, "1-opened", full_page=True)

    page.select_option("#check", label=page.text_content("#check option:has-text('detect-public-databases')"))
    check("one database is public", count(page) == 1, page.text_content("#status"))
    page.locator("#list .row").first.click()
    check("its hops are listed", hops(page) >= 4, hops(page))
    check("a hop has file and line", ".json:" in page.text_content("#detail .hop .where"))
    check("the path is lit on the map", page.locator("svg.lines path.line").count() >= 3)
    check("with direction", page.locator("svg.lines path.line[marker-end]").count() == page.locator("svg.lines path.line").count())
    numbers = " · ".join(page.locator("#canvas .hopno").all_text_contents()).split(" · ")
    check("every hop is on the map", sorted(map(int, numbers)) == list(range(1, hops(page) + 1)), numbers)
    check("in the address", "#detect-public-databases/" in page.url, page.url)
    page.locator("#findings").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('findings').scrollIntoView()")
    shot(page, "2-path")
    faint = page.evaluate(CONTRAST)
    check("texts can be read in light", not faint, faint)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    faint = page.evaluate(CONTRAST)
    check("texts can be read in dark", not faint, faint)
    shot(page, "3-dark")
    page.click("#theme button[data-theme=light]")
    check("the toggle wins", page.evaluate("getComputedStyle(document.body).backgroundColor") != dark)
    page.emulate_media(color_scheme="light")
    page.click("#theme button[data-theme=dark]")
    check("both ways", page.evaluate("getComputedStyle(document.body).backgroundColor") == dark)
    page.click("#clear")
    check("filters are cleared", count(page) == everything)
    page.uncheck("#only")
    faint = page.evaluate(CONTRAST)
    check("what is off the path can be read in dark", not faint, faint)
    page.click("#theme button[data-theme=light]")
    faint = page.evaluate(CONTRAST)
    check("and in light", not faint, faint)
    page.click("#theme button[data-theme=auto]")
    check("the whole network is there", page.locator("#canvas [role=treeitem]").count() > 15)
    shot(page, "4-network")
    page.locator("#canvas .chip.edge").first.click()
    placed = count(page)
    check("choosing on the map filters", 0 < placed < everything or placed == everything, placed)
    check("and is named", page.input_value("#place").startswith("n"))
    page.locator("#canvas .box.subnet .chip.end").first.click()
    check("an interface has fewer", count(page) < everything)
    page.click("#clear")
    page.select_option("#severity", "4")
    critical = count(page)
    check("critical findings", 0 < critical < everything)
    check("and no others", set(page.locator("#list .row .sev").all_text_contents()) == {"critical"})
    page.select_option("#severity", "")
    page.fill("#text", "opensearch 9200")
    until_other_than(page, everything)
    placed = count(page)
    check("search", 0 < placed < everything)
    page.fill("#text", "there is no such text")
    until_other_than(page, everything)
    until_other_than(page, placed)
    check("nothing found is said", "No finding is as the filters say" in page.text_content("#list"))
    page.click("#clear")
    page.select_option("#state", "suppressed")
    check("none is suppressed", count(page) == 0)
    page.click("#clear")
    page.select_option("#sort", "destination")
    ends = [it.split("→")[-1].strip() for it in page.locator("#list .row-ends").all_text_contents()]
    check("sorted by destination", ends == sorted(ends), ends)
    line = page.locator("#checks tr[data-check]").nth(1)
    line.locator("button.check-title").click()
    check("a check of the table filters", page.input_value("#check") == line.get_attribute("data-check"))
    check("and is marked", page.locator(".checks tr.asked").count() == 1)
    page.click("#clear")
    nameless = page.evaluate(NAMELESS)
    check("everything has a name", not nameless, nameless)
    landmarks = [page.locator(it).count() for it in ("main", "header", "h1", "search", "[aria-live=polite]", "a.skip")]
    check("landmarks", landmarks == [1] * 6, landmarks)

    address = page.url.split("#")[0]
    check("the same file", address == SMALL)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    check("on paper the findings are a table", page.locator("#printed tbody tr").count() == count(page))
    shot(page, "5-paper", full_page=True)
    page.context.close()


# Of each line of the tables of checks: its table, verdict, gravest severity, how many findings count, and whether it is seen.
CHECKS = """() => [...document.querySelectorAll(".checks tr[data-check]")].map((line) => ({
  table: line.closest("table").id, verdict: line.querySelector("td .verdict").textContent.trim(),
  severity: ["informational", "low", "medium", "high", "critical"].indexOf(line.querySelector(".sev").textContent.trim().split(" ")[0]),
  counting: Number(line.cells[4].textContent), findings: Number(line.cells[3].textContent.replace("+", "")), seen: line.checkVisibility({ contentVisibilityAuto: true }) && line.getBoundingClientRect().height > 0,
}))"""


def checks(browser):
    """Findings first, what is clean folded: with a mouse, the keyboard, a screen reader, on paper."""
    page = opened(browser, SMALL)
    lines = page.evaluate(CHECKS)
    every = page.evaluate("JSON.parse(document.getElementById('data').textContent).checks.length")
    check("every check has a line", len(lines) == every, (len(lines), every))
    found = [it for it in lines if it["verdict"] == "findings"]
    clean = [it for it in lines if it["table"] == "clean"]
    check("there are both", found and clean, lines)
    check("those with findings come first", lines[: len(found)] == found, lines)
    order = [(it["severity"], it["counting"]) for it in found]
    check("the gravest first, then the most", order == sorted(order, reverse=True), order)
    check("the clean ones are apart", all((it["verdict"] == "clean" and not it["findings"]) == (it in clean) for it in lines), lines)
    check("and folded", not any(it["seen"] for it in clean) and all(it["seen"] for it in lines if it not in clean), lines)
    summary = page.locator("details.folded > summary")
    check("how many they are is said", summary.text_content() == f"{len(clean)} clean checks", summary.text_content())
    tree = page.locator("main").aria_snapshot()
    check("a screen reader is told", f"{len(clean)} clean checks" in tree, tree[:2000])
    summary.focus()
    width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
    check("the fold shows that it has the keyboard", width >= 2, width)
    page.keyboard.press("Enter")
    check("Enter unfolds", all(it["seen"] for it in page.evaluate(CHECKS)))
    nameless = page.evaluate(NAMELESS)
    check("what was folded has names", not nameless, nameless)
    faint = page.evaluate(CONTRAST)
    check("and can be read", not faint, faint)
    shot(page, "11-unfolded", full_page=True)
    page.keyboard.press("Enter")
    check("Enter folds again", not any(it["seen"] for it in page.evaluate(CHECKS) if it["table"] == "clean"))
    page.emulate_media(media="print")
    check("on paper it is open, without a script", all(it["seen"] for it in page.evaluate(CHECKS)))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    check("and with one", page.locator("details.folded[open]").count() == 1)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    check("and folded afterwards", page.locator("details.folded[open]").count() == 0)
    page.context.close()


def flows(browser):
    """The report of `verify`: an expectation is a check."""
    for scheme in ("light", "dark"):
        page = opened(browser, FLOWS, color_scheme=scheme)
        lines = page.evaluate(CHECKS)
        broken = [it for it in lines if it["verdict"] == "findings"]
        check("an expectation fails", broken and lines[0] in broken, lines)
        check("its findings are listed", count(page) == sum(it["findings"] for it in lines), page.text_content("#status"))
        page.locator("#list .row").first.click()
        outside = ["outside" in it for it in page.locator("#detail .hop").all_text_contents()]
        check("the way begins at the internet, the reply ends there", [at for at, it in enumerate(outside) if it] == [0, len(outside) - 1], outside)
        check("what is said of it", page.text_content("#detail-title").strip() != "", page.text_content("#detail"))
        faint = page.evaluate(CONTRAST)
        check(f"{scheme}: every text can be read", not faint, faint)
        nameless = page.evaluate(NAMELESS)
        check("everything has a name", not nameless, nameless)
        shot(page, f"12-verify-{scheme}", full_page=True)
        page.context.close()


def keyboard(browser):
    """Without a mouse: to the list, along it, to the map, and back."""
    page = opened(browser, SMALL)
    press = page.keyboard.press
    focus = lambda: page.evaluate("document.activeElement.id || document.activeElement.getAttribute('role') || document.activeElement.className")

    def tab_to(name, most=80):
        for _ in range(most):
            if focus() == name:
                return True
            press("Tab")
        return False

    press("Tab")
    check("first the link to the findings", focus() == "skip", focus())
    press("Enter")
    check("it leads there", focus() == "findings", focus())
    for name in ("text", "check", "place", "severity", "state", "sort", "list"):
        check(f"{name} is reached", tab_to(name), focus())
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        check(f"{name} shows that it has the keyboard", width >= 2, width)
    press("ArrowDown")
    first = page.text_content("#detail-title")
    press("ArrowDown")
    press("ArrowDown")
    check("arrows choose", page.text_content("#detail-title") and hops(page) > 1)
    selected = page.locator("#list [aria-selected=true]")
    check("one is selected", selected.count() == 1)
    check("and told", selected.get_attribute("id") == page.get_attribute("#list", "aria-activedescendant"))
    check("its place is told", selected.get_attribute("aria-posinset") == "3", first)
    press("End")
    check("to the last", page.locator("#list [aria-selected=true]").get_attribute("aria-posinset") == page.locator("#list .row").first.get_attribute("aria-setsize"))
    press("Home")
    press("Enter")
    check("Enter goes to the finding", focus() == "detail", focus())
    page.focus("#list")
    check("the map is reached", tab_to("treeitem"), focus())
    shown = page.locator("#canvas [role=treeitem]").count()
    labels = []
    for _ in range(shown):
        labels.append(page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"))
        press("ArrowDown")
    check("arrows pass everything on the map", len(set(labels)) >= shown - 6, labels)
    check("the path is told", any("on the path, hop" in it for it in labels), labels)
    press("Home")
    press("ArrowDown")
    before = page.locator("#canvas [role=treeitem]").count()
    press("ArrowLeft")
    folded = page.locator("#canvas [role=treeitem]").count()
    check("left folds", folded < before, (before, folded))
    check("the keyboard stays there", focus() == "treeitem", focus())
    press("ArrowRight")
    check("right unfolds", page.locator("#canvas [role=treeitem]").count() == before)
    press("Enter")
    check("Enter filters", page.input_value("#place").startswith("n"), page.input_value("#place"))
    shot(page, "6-keyboard")
    named = page.url
    page.context.close()
    page = opened(browser, SMALL)
    page.goto("about:blank")
    page.goto(named)
    page.wait_for_selector("#detail .hop")
    check("an address with a finding shows it", hops(page) > 1)
    noise[:] = [it for it in noise if "about:blank" not in it]
    page.context.close()


def many(browser):
    begin = time.monotonic()
    page = opened(browser, MANY)
    times = {"open": time.monotonic() - begin}

    def timed(name, work):
        begin = time.monotonic()
        work()
        page.evaluate("document.body.offsetHeight")
        times[name] = time.monotonic() - begin
        check(f"{name} is quick", times[name] < 3, times[name])

    everything = count(page)
    check("10,000 findings", everything >= 10_000, everything)
    check("opened quickly", times["open"] < 10, times)
    check("few rows are in the document", page.locator("#list .row").count() < 40)
    timed("filter", lambda: page.select_option("#severity", "4"))
    timed("all again", lambda: page.click("#clear"))
    for order in ("destination", "file", "severity"):
        timed(f"sort by {order}", lambda order=order: page.select_option("#sort", order))
    page.focus("#list")
    timed("to the last", lambda: page.keyboard.press("End"))
    check("the last is there", page.locator("#list [aria-selected=true]").get_attribute("aria-posinset") == str(everything))
    timed("choose another", lambda: page.keyboard.press("PageUp"))
    check("its path is lit", page.locator("svg.lines path.line").count() >= 1)
    page.evaluate("document.getElementById('findings').scrollIntoView()")
    shot(page, "7-many")
    page.click("#fold")
    page.uncheck("#only")
    shot(page, "8-many-folded")
    timed("unfold", lambda: page.click("#unfold"))
    shot(page, "9-many-unfolded")
    drawn = page.locator("#canvas [role=treeitem]").count()
    check("the map draws no more than it should", 20 < drawn <= 2500, drawn)
    identity = page.url.split("/")[-1]
    begin = time.monotonic()
    page.fill("#text", identity)
    until_other_than(page, everything)
    times["search"] = time.monotonic() - begin
    check("search by id", count(page) == 1, (identity, count(page)))
    check("search is quick", times["search"] < 3, times)
    page.set_viewport_size({"width": 420, "height": 900})
    check("narrow: nothing sticks out", page.evaluate("document.documentElement.scrollWidth") <= 420, page.evaluate("document.documentElement.scrollWidth"))
    shot(page, "10-narrow", full_page=True)
    page.context.close()
    return everything, times


with sync_playwright() as playwright:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    # CI runs as root, where Chromium's sandbox does not work; what it opens is ours.
    chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
    small(chromium)
    checks(chromium)
    flows(chromium)
    keyboard(chromium)
    everything, times = many(chromium)
    chromium.close()
check("no errors and no requests", not noise, noise)
print(json.dumps({"findings": everything, "seconds": {name: round(it, 2) for name, it in times.items()}}))
print(f"{len(passed)} passed, 0 failed")
